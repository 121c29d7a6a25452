/// What a source makes of one HTTP request: one message's worth of alerts.
public struct Intake: Sendable, Hashable, Codable {
    /// The source's name, such as `alertmanager`.
    public var source: String
    /// What belongs into one conversation: Alertmanager's `groupKey`, a pull request, a pipeline of a branch. Bounded, and never empty.
    public var groupKey: String
    /// Where the whole stands: firing as long as one alert fires.
    public var status: AlertStatus
    /// What it is about, in one line: the alert's own title, or the group's.
    public var title: String
    /// Who it was for, in the sender's words (Alertmanager's `receiver`).
    public var receiver: String?
    /// The sender's own address, always `http` or `https`.
    public var externalURL: String?
    /// Labels that make the group.
    public var groupLabels: [String: String]
    /// Labels that all alerts share.
    public var commonLabels: [String: String]
    /// Annotations that all alerts share.
    public var commonAnnotations: [String: String]
    /// The alerts, firing ones first; at most ``SourceLimits/alerts``.
    public var alerts: [Alert]
    /// How many more there were: left out by the sender, or by ``SourceLimits/alerts``.
    public var truncated: Int
    /// What only this source knows, by the names of its ``AlertSource/fields``.
    public var details: [String: Detail]
    /// How a repeat of this request is told (R28).
    public var repeats: RepeatIdentity
    /// Worth a message only while its conversation is open: a green build after green builds is not. The machine that decides counts what it leaves out.
    public var onlyWhenOpen: Bool

    /// Makes an intake.
    public init(
        source: String,
        groupKey: String,
        status: AlertStatus,
        title: String,
        receiver: String? = nil,
        externalURL: String? = nil,
        groupLabels: [String: String] = [:],
        commonLabels: [String: String] = [:],
        commonAnnotations: [String: String] = [:],
        alerts: [Alert],
        truncated: Int = 0,
        details: [String: Detail] = [:],
        repeats: RepeatIdentity = .none,
        onlyWhenOpen: Bool = false
    ) {
        self.source = source
        self.groupKey = groupKey
        self.status = status
        self.title = title
        self.receiver = receiver
        self.externalURL = externalURL
        self.groupLabels = groupLabels
        self.commonLabels = commonLabels
        self.commonAnnotations = commonAnnotations
        self.alerts = alerts
        self.truncated = truncated
        self.details = details
        self.repeats = repeats
        self.onlyWhenOpen = onlyWhenOpen
    }

    /// The highest severity of what fires; of everything when nothing fires.
    public var severity: Severity {
        let firing = alerts.lazy.filter { $0.status == .firing }.map(\.severity).max()
        return firing ?? alerts.lazy.map(\.severity).max() ?? .unstated
    }
}
