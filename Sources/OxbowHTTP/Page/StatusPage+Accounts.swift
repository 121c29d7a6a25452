import Oxbow

extension StatusPage {
    /// A card for each account.
    var accountsSection: Markup? {
        guard let status else { return nil }
        guard !status.accounts.isEmpty else {
            return "<section><h2>Accounts</h2><p class=\"card empty\">The configuration has none.</p></section>"
        }
        return "<section><h2>Accounts</h2><div class=\"grid\">\(Markup(status.accounts.map(card)))</div></section>"
    }

    private func card(_ account: StatusReport.Account) -> Markup {
        let kind = Self.kind(of: account.state)
        return """
            <article class="card \(kind)">
            <div class="title"><h3><bdi>\(account.jid)</bdi></h3><span class="pill \(kind)">\(account.state)</span></div>
            <p class="quiet">for \(time.duration(since: account.since))\(account.next.map { ", tries again \(time.markup($0))" as Markup })</p>
            \(account.reason.map { "<p class=\"reason\"><bdi>\($0)</bdi></p>" as Markup })\
            \(figures(account))\(bots(account))\(gateways(account))\(key(account))
            </article>

            """
    }

    /// Colours and marks follow from this.
    private static func kind(of state: String) -> String {
        switch state {
        case "online": "good"
        case "starting", "stopped": "warn"
        default: "bad"
        }
    }

    /// What was counted since the start, in a few numbers.
    private func figures(_ account: StatusReport.Account) -> Markup? {
        guard !account.counters.isEmpty else { return nil }
        func sum(_ name: String) -> Int {
            account.counters.reduce(0) { $0 + ($1.key == name || $1.key.hasPrefix(name + ".") ? $1.value : 0) }
        }
        let strangers = account.counters["refused.not-allowed"] ?? 0
        let figures: [(String, Int)] = [
            ("sent", sum("sent")), ("failed attempts", sum("send_failures")), ("handled", sum("events")),
            ("refused", sum("refused") - strangers), ("from strangers", strangers),
        ]
        let items = Markup(figures.map { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>" })
        return "<dl class=\"figures\">\(items)</dl>"
    }

    private func bots(_ account: StatusReport.Account) -> Markup? {
        guard !account.bots.isEmpty else { return nil }
        let items = account.bots.map { bot -> Markup in
            guard let problem = bot.problem else { return "<li class=\"chip\">\(bot.name)</li>" }
            return "<li class=\"chip bad\"><b>\(bot.name)</b> <bdi>\(problem)</bdi></li>"
        }
        return "<h4>Bots</h4><ul class=\"chips\">\(Markup(items))</ul>"
    }

    private func gateways(_ account: StatusReport.Account) -> Markup? {
        guard let gateways = account.gateways, !gateways.isEmpty else { return nil }
        let items = gateways.map { gateway -> Markup in
            let name: Markup = gateway.name.map { "<bdi>\(gateway.jid)</bdi> (<bdi>\($0)</bdi>)" } ?? "<bdi>\(gateway.jid)</bdi>"
            if let problem = gateway.problem { return "<li class=\"chip bad\"><b>\(name)</b> <bdi>\(problem)</bdi></li>" }
            let sender: Markup? = gateway.senderID.map { ": we are <bdi>\($0)</bdi>" }
            return "<li class=\"chip\">\(name)\(sender ?? ": not used yet")\(registration(gateway))</li>"
        }
        return "<h4>Gateways</h4><ul class=\"chips\">\(Markup(items))</ul>"
    }

    private func registration(_ gateway: GatewayReport.Item) -> Markup? {
        gateway.registration.flatMap { $0 == "not configured" ? nil : ", <bdi>\($0)</bdi>" }
    }

    /// The key, and how to get in touch: for whoever verifies it and for whoever adds the account.
    private func key(_ account: StatusReport.Account) -> Markup? {
        guard account.jid.contains("@") else { return nil }
        let uri = XMPPLink.uri(account.jid)
        let symbol: Markup? = QRCode(uri).map { code in
            """
            <svg class="qr" viewBox="0 0 \(code.side) \(code.side)" role="img" aria-label="QR code of \(uri)" shape-rendering="crispEdges">\
            <rect width="\(code.side)" height="\(code.side)" fill="#fff"/><path d="\(code.path)" fill="#000"/></svg>
            """
        }
        return """
            <div class="contact">\(symbol)<div><h4>Address</h4><p><a href="\(uri)">\(Self.breaking(uri))</a></p>\
            <h4>Key\(expiry(account))</h4>\(fingerprint(account))</div></div>
            """
    }

    /// A URI that may go on in the next line at its `@`.
    private static func breaking(_ uri: String) -> Markup {
        guard let at = uri.lastIndex(of: "@") else { return "\(uri)" }
        return "\(String(uri[..<at]))<wbr>\(String(uri[at...]))"
    }

    private func fingerprint(_ account: StatusReport.Account) -> Markup {
        guard let fingerprint = account.fingerprint else {
            return "<p class=\"quiet\">none yet: it is made when the account first runs</p>"
        }
        let groups = Markup(Self.groups(fingerprint).map { "<span>\($0)</span> " })
        return "<p class=\"fingerprint\">\(groups)</p>"
    }

    /// A fingerprint in groups of four digits.
    static func groups(_ fingerprint: String) -> [String] {
        var groups: [String] = []
        var rest = fingerprint[...]
        while !rest.isEmpty {
            groups.append(String(rest.prefix(4)))
            rest = rest.dropFirst(4)
        }
        return groups
    }

    private func expiry(_ account: StatusReport.Account) -> Markup? {
        guard let end = gauge("oxbow_key_expiry_timestamp_seconds", account.jid).map({ Int64($0) }) else { return nil }
        let kind = end <= time.now + 7 * 86_400 ? "bad" : end <= time.now + 30 * 86_400 ? "warn" : "quiet"
        return " <span class=\"\(kind)\">\(end <= time.now ? "expired" : "expires") \(time.markup(end))</span>"
    }

    /// A gauge of an account.
    private func gauge(_ name: String, _ account: String) -> Double? {
        gauges.first { $0.name == name && $0.labels["account"] == account }?.value
    }
}
