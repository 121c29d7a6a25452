/// Waits for one heartbeat.
struct HeartbeatWatch: Sendable, Hashable {
    /// The source of the alerts that it makes.
    static let source = "heartbeat"

    var rule: HeartbeatRule
    var state: HeartbeatState
    /// From when on it is waited for: nothing could be heard before the process began.
    var since: Int64

    /// When it counts as missing; `nil` while it does.
    var due: Int64? { state.isMissing ? nil : max(state.last ?? since, since) + rule.within }

    /// It came.
    mutating func beat(at now: Int64) { state.last = now }

    /// The alert that it stays away, or is back.
    func intake(_ status: AlertStatus, now: Int64) -> Intake {
        let limit = Spoken.duration(Double(rule.within))
        let title = status == .firing ? "heartbeat \(rule.name) is missing for \(limit)" : "heartbeat \(rule.name) is back"
        let text = "Nothing was heard from its sender: alerts of route \(rule.route) may not come either."
        let alert = Alert(
            fingerprint: "heartbeat:" + rule.name,
            status: status,
            severity: status == .firing ? .critical : .unstated,
            name: "Heartbeat",
            title: ChatText.line(title, limit: SourceLimits().title),
            text: status == .firing ? text : ""
        )
        return Intake(source: Self.source, groupKey: "heartbeat:" + rule.name, status: status, title: alert.title, alerts: [alert])
    }
}
