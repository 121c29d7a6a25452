import Alerting

extension StatusPage {
    /// The conversations that are open.
    var alertsSection: Markup? {
        guard let alerts else { return nil }
        guard !alerts.conversations.isEmpty else {
            return "<section><h2>Alerts</h2><p class=\"card empty\">None is open.</p></section>"
        }
        let shown = alerts.conversations.prefix(Self.lines)
        let more = Self.more(alerts.open - shown.count, "<code>list</code> in chat names them.")
        return "<section><h2>Alerts</h2><div class=\"card\"><ul class=\"rows\">\(Markup(shown.map(row)))</ul>\(more)</div></section>"
    }

    private func row(_ alert: AlertsReport.OpenConversation) -> Markup {
        let kind =
            switch alert.severity {
            case "critical", "error": "bad"
            case "warning": "warn"
            default: "plain"
            }
        let severity: Markup? = alert.severity == "unstated" ? nil : "<span class=\"pill \(kind)\">\(alert.severity)</span>"
        let state: Markup =
            if let name = alert.acknowledgedBy {
                "<bdi>\(name)</bdi> sees to it"
            } else if let next = alert.escalates {
                "nobody sees to it; goes on to the next \(time.markup(next))"
            } else {
                alert.state == "acknowledged" ? "somebody sees to it" : "nobody sees to it"
            }
        return """
            <li><div class="title"><span><b>\(alert.number)</b> <bdi>\(alert.title)</bdi></span>\(severity)</div>
            <p class="quiet">\(state); since \(time.markup(alert.since)), by <bdi>\(alert.route)</bdi>, \
            \(alert.firing) firing, \(Self.count(alert.told, "person", "people")) told by <bdi>\(alert.account)</bdi></p></li>
            """
    }

    /// Heartbeats that are waited for, and schedules.
    var duties: Markup? {
        guard let alerts, !(alerts.heartbeats.isEmpty && alerts.schedules.isEmpty && alerts.routes.isEmpty) else { return nil }
        return "<div class=\"grid\">\(heartbeats(alerts))\(schedules(alerts))\(routes(alerts))</div>"
    }

    private func heartbeats(_ alerts: AlertsReport) -> Markup? {
        guard !alerts.heartbeats.isEmpty else { return nil }
        let rows = alerts.heartbeats.map { heartbeat -> Markup in
            let last: Markup = heartbeat.last.map { "last \(time.markup($0))" } ?? "not yet"
            let pill: Markup = heartbeat.isMissing ? "<span class=\"pill bad\">missing</span>" : "<span class=\"pill good\">there</span>"
            return """
                <li><div class="title"><span><bdi>\(heartbeat.name)</bdi></span>\(pill)</div>
                <p class="quiet">\(last), expected every \(PageTime.span(heartbeat.within)) by <bdi>\(heartbeat.route)</bdi></p></li>
                """
        }
        return "<section><h2>Heartbeats</h2><div class=\"card\"><ul class=\"rows\">\(Markup(rows))</ul></div></section>"
    }

    private func schedules(_ alerts: AlertsReport) -> Markup? {
        guard !alerts.schedules.isEmpty else { return nil }
        let rows = alerts.schedules.map { schedule -> Markup in
            let next: Markup = schedule.next.map { "\(time.markup($0))" } ?? "never again"
            let last: Markup? = schedule.last.map { ", last \(time.markup($0))" }
            return """
                <li><div class="title"><span><bdi>\(schedule.name)</bdi></span></div>
                <p class="quiet">\(next)\(last), <bdi>\(schedule.account)</bdi></p></li>
                """
        }
        return "<section><h2>Schedules</h2><div class=\"card\"><ul class=\"rows\">\(Markup(rows))</ul></div></section>"
    }

    private func routes(_ alerts: AlertsReport) -> Markup? {
        guard !alerts.routes.isEmpty else { return nil }
        let rows = alerts.routes.map { route -> Markup in
            """
            <li><div class="title"><span><code>/hooks/\(route.name)</code></span></div>
            <p class="quiet"><bdi>\(route.source)</bdi>, told by <bdi>\(route.account)</bdi>; \(route.firing) firing, \
            \(route.acknowledged) acknowledged</p></li>
            """
        }
        return "<section><h2>Routes</h2><div class=\"card\"><ul class=\"rows\">\(Markup(rows))</ul></div></section>"
    }

    /// A number with its noun, where the plural isn't regular.
    private static func count(_ number: Int, _ noun: String, _ nouns: String) -> String { "\(number) \(number == 1 ? noun : nouns)" }
}
