import Oxbow

extension StatusPage {
    /// What waits, and what needs somebody.
    var outboxSection: Markup {
        guard let outbox else {
            return "<section><h2>Outbox</h2><p class=\"card empty\">It can't be read now; the log says why.</p></section>"
        }
        let stuck = outbox.items.filter { $0.state == "held" || $0.state == "dead" }
        let shown = stuck.prefix(Self.lines)
        let rows: Markup? = shown.isEmpty ? nil : "<ul class=\"rows\">\(Markup(shown.map(row)))</ul>"
        let total = max(outboxCount("held") + outboxCount("dead"), stuck.count)
        return """
            <section><h2>Outbox</h2><div class="card">\(depths)\(rows)\
            \(Self.more(total - shown.count, "<code>oxbow outbox list</code> has them all."))</div></section>
            """
    }

    private var depths: Markup {
        let states = [("accepted", "wait"), ("handed", "on their way"), ("held", "held"), ("dead", "given up")]
        let figures = Markup(
            states.map { state, words in
                let count = outboxCount(state)
                let kind = count == 0 ? "" : state == "dead" ? "bad" : state == "held" ? "warn" : ""
                return "<div class=\"\(kind)\"><dt>\(words)</dt><dd>\(count)</dd></div>"
            }
        )
        return "<dl class=\"figures\">\(figures)<div><dt>the oldest that waits</dt><dd>\(oldest)</dd></div></dl>"
    }

    /// How many messages there are in a state.
    func outboxCount(_ state: String) -> Int {
        let told = gauges.filter { $0.name == "oxbow_outbox_messages" && $0.labels["state"] == state }
        guard told.isEmpty else { return told.reduce(0) { $0 + Int($1.value) } }
        return outbox?.items.filter { $0.state == state }.count ?? 0
    }

    private var oldest: Markup {
        let waiting = outbox?.items.filter { ["accepted", "handed", "held"].contains($0.state) }.map(\.accepted).min()
        return waiting.map { time.duration(since: $0) } ?? "none"
    }

    private func row(_ item: OutboxReport.Item) -> Markup {
        let kind = item.state == "dead" ? "bad" : "warn"
        let words = item.words ?? item.reason ?? "for no reason that was kept"
        let when: Markup = item.settled.map { "given up \(time.markup($0))" } ?? "given up \(time.markup(item.expires)) unless it goes"
        return """
            <li><div class="title"><span><bdi>\(item.to)</bdi></span><span class="pill \(kind)">\(item.state == "dead" ? "given up" : item.state)</span></div>
            <p class="reason"><bdi>\(words)</bdi></p>
            <p class="quiet">from <bdi>\(item.account)</bdi>, accepted \(time.markup(item.accepted)), \
            \(Self.count(item.attempts, "attempt")), \(when). <code>\(item.number)</code> <code>\(item.id)</code></p></li>
            """
    }
}
