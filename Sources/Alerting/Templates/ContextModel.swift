import Foundation

/// What a template sees of an intake: flat, all texts, times and durations for people.
struct ContextModel {
    let intake: Intake
    let source: any AlertSource
    let route: String
    let now: Date
    let zone: TimeZone
    let budget: RenderBudget

    func root() -> RowNode {
        let alerts = intake.alerts
        let only = alerts.count == 1 && intake.truncated == 0 ? alerts.first : nil
        let firing = alerts.count { $0.status == .firing }
        let resolved = alerts.count { $0.status == .resolved }
        // What the title has already: see GroupedAlerts.
        let shared = only.map(\.labels) ?? intake.commonLabels.filter { intake.groupLabels[$0.key] == nil }
        var members: [String: Any] = [
            "headline": text(Headline.of(intake, at: now)), "title": text(intake.title), "text": text(only?.text),
            "link": text(only?.link ?? intake.externalURL), "status": text(intake.status.marker), "severity": text(intake.severity.text),
            "is_firing": intake.status == .firing, "is_resolved": intake.status == .resolved, "is_note": intake.status == .note,
            "single": only != nil, "many": only == nil, "count": text(String(alerts.count + intake.truncated)),
            "firing_count": count(firing), "resolved_count": count(resolved), "truncated": count(intake.truncated),
            "labels": labels(intake.commonLabels.isEmpty ? only?.labels ?? [:] : intake.commonLabels),
            "group_labels": labels(intake.groupLabels),
            "annotations": labels(intake.commonAnnotations.isEmpty ? only?.annotations ?? [:] : intake.commonAnnotations),
            "label_text": text(Labels.text(shared)), "receiver": text(intake.receiver), "external_url": text(intake.externalURL),
            "group_key": text(ChatText.line(intake.groupKey, limit: 400)), "received": text(Spoken.time(now, in: zone)),
            "route": text(ChatText.line(route, limit: 200)), "source": text(intake.source),
        ]
        members["alerts"] = ListNode(rows: alerts.enumerated().map { row($1, number: $0 + 1) }, budget: budget)
        for field in source.fields { members[field.name] = node(intake.details[field.name], as: field.kind) }
        return RowNode(members: members)
    }

    private func text(_ text: @autoclosure @escaping () -> String?) -> TextNode { TextNode(text: text() ?? "", budget: budget) }

    private static func nonempty(_ text: String) -> String? { text.isEmpty ? nil : text }

    private func count(_ count: Int) -> TextNode { text(count == 0 ? nil : String(count)) }

    private func labels(_ labels: [String: String], limit: Int = 64) -> LabelsNode {
        LabelsNode(labels: labels, limit: limit, budget: budget)
    }

    private func row(_ alert: Alert, number: Int) -> RowNode {
        let own = intake.alerts.count == 1 ? alert.labels : alert.labels.filter { intake.commonLabels[$0.key] != $0.value }
        return RowNode(members: [
            "number": text(String(number)), "status": text(alert.status.marker), "is_firing": alert.status == .firing,
            "is_resolved": alert.status == .resolved, "is_note": alert.status == .note, "severity": text(alert.severity.text),
            "name": text(alert.name), "title": text(alert.title),
            "summary": text(alert.title == alert.name ? nil : alert.title), "text": text(alert.text), "labels": labels(alert.labels),
            "own_labels": labels(own), "annotations": labels(alert.annotations), "values": labels(alert.values),
            "label_text": text(Labels.text(alert.labels)), "own_text": text(Self.nonempty(Labels.text(own)) ?? alert.name),
            "value_text": text(Labels.text(alert.values)), "starts": text(alert.starts.map { Spoken.time($0, in: zone) }),
            "ends": text(alert.ends.map { Spoken.time($0, in: zone) }), "duration": text(alert.duration(at: now)), "link": text(alert.link),
            "fingerprint": text(alert.fingerprint),
        ])
    }

    /// What a source's own field holds; what it left out, or made another kind, is empty.
    private func node(_ detail: Detail?, as kind: ContextField.Kind) -> Any {
        switch (kind, detail) {
        case (.text, .text(let value)): return text(value)
        case (.text, _): return text(nil)
        case (.flag, .text(let value)): return !value.isEmpty
        case (.flag, _): return false
        case (.labels, .labels(let values)): return labels(values)
        case (.labels, _): return labels([:])
        case (.list(let fields), .rows(let rows)):
            let made = rows.map { row in
                var members: [String: Any] = [:]
                for field in fields { members[field.name] = text(row[field.name]) }
                return RowNode(members: members)
            }
            return ListNode(rows: made, budget: budget)
        case (.list, _): return ListNode(rows: [], budget: budget)
        }
    }
}
