public import Foundation

/// A route as conversations see it: what a request becomes, and whom it is told.
public struct AlertRoute: Sendable {
    /// Its name.
    public var name: String
    /// Who is told at once, and who next.
    public var plan: CallPlan
    /// Makes a message's text of an intake; without it, the first line as Oxbow writes it and the alert's text.
    public var template: AlertTemplate?
    /// How long the same request is a retry (R28), in seconds.
    public var dedupe: Int64
    /// When messages are folded.
    public var fold: StormGuard.Limits
    /// When the next are told.
    public var escalation: Escalation?
    /// Whether `silence` works: its alerts come from the alert manager whose API is configured.
    public var canSilence: Bool
    /// The zone of times in texts.
    public var zone: TimeZone

    /// Makes a route.
    public init(
        name: String,
        plan: CallPlan,
        template: AlertTemplate? = nil,
        dedupe: Int64 = 300,
        fold: StormGuard.Limits = StormGuard.Limits(),
        escalation: Escalation? = nil,
        canSilence: Bool = false,
        zone: TimeZone = .gmt
    ) {
        self.name = name
        self.plan = plan
        self.template = template
        self.dedupe = max(dedupe, 0)
        self.fold = fold
        self.escalation = escalation
        self.canSilence = canSilence
        self.zone = zone
    }

    func text(of intake: Intake, now: Int64) -> String {
        let time = Date(timeIntervalSince1970: Double(now))
        if let template, intake.source != HeartbeatWatch.source { return template.render(intake, route: name, at: time, zone: zone) }
        let lines = [Headline.of(intake, at: time), intake.alerts.first?.text ?? "", intake.link ?? ""]
        return lines.filter { !$0.isEmpty }.joined(separator: "\n")
    }
}
