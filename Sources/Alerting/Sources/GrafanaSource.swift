import Foundation

/// Grafana's contact point "Webhook": Alertmanager's shape, and a title, a message, values and links to panels.
struct GrafanaSource: AlertSource {
    let name = "grafana"
    let summary = "Grafana 9 and later, contact point \"Webhook\""
    let template = StandardTemplate.grouped
    let fields = [
        ContextField("message", "Grafana's own message text, as its notification template made it"),
        ContextField("grafana_title", "Grafana's own title, such as `[FIRING:1] High load`"),
        ContextField("org", "the number of the organisation in Grafana"),
    ]

    func read(_ request: SourceRequest, limits: SourceLimits) throws(SourceError) -> SourceReading {
        let root = try request.json(limits)
        if try root.get("alerts") == nil, try root.get("ruleName") != nil {
            throw SourceError(.unsupported, "this is Grafana's legacy alerting (before version 9); only unified alerting is read")
        }
        let reading = try GroupedAlerts(source: name, limits: limits).read(root) { (alert, member) throws(SourceError) in
            try Self.finish(&alert, member, limits)
        }
        guard case .intake(var intake) = reading else { return reading }
        intake.details = [
            "message": .text(try root.block("message", limit: limits.text)),
            "grafana_title": .text(try root.line("title", limit: limits.title)),
            "org": .text(try root.line("orgId", limit: limits.name)),
        ]
        return .intake(intake)
    }

    private static func finish(_ alert: inout Alert, _ member: JSONCursor, _ limits: SourceLimits) throws(SourceError) {
        for (key, annotation) in [
            ("dashboardURL", "dashboard_url"), ("panelURL", "panel_url"), ("silenceURL", "silence_url"), ("imageURL", "image_url"),
        ] {
            guard let link = try member.link(key, limits: limits) else { continue }
            alert.annotations[annotation] = link
        }
        alert.link = alert.annotations["panel_url"] ?? alert.annotations["dashboard_url"] ?? alert.link
        alert.values = try member.labels("values", limits: limits).mapValues(Self.short)
    }

    /// Six digits that count: `0.982353`, not `0.9823529411764705`.
    private static func short(_ number: String) -> String {
        guard number.contains("."), let value = Double(number), value.isFinite else { return number }
        return String(format: "%.6g", value)
    }
}
