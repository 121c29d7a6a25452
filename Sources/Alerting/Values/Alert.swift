public import Foundation

/// One thing that a source reports: a Prometheus alert, a failed build, a comment, a line of text.
///
/// All texts are harmless for a chat line and bounded (``SourceLimits``); a source makes them so.
public struct Alert: Sendable, Hashable, Codable {
    /// Which alert it is, within its route: the same for firing, updates and resolved.
    public var fingerprint: String
    /// Where it stands.
    public var status: AlertStatus
    /// How urgent it is.
    public var severity: Severity
    /// What kind of thing it is, in a word or two: the `alertname`, a check's name.
    public var name: String
    /// One line that says it.
    public var title: String
    /// More of it, in several lines; often empty.
    public var text: String
    /// What tells it from others.
    public var labels: [String: String]
    /// What is said about it.
    public var annotations: [String: String]
    /// Since when; `nil` when the source doesn't say.
    public var starts: Date?
    /// When it ended; `nil` while it holds.
    public var ends: Date?
    /// Where to read on; always `http` or `https`.
    public var link: String?
    /// Numbers behind it, by name.
    public var values: [String: String]

    /// Makes an alert.
    public init(
        fingerprint: String,
        status: AlertStatus,
        severity: Severity = .unstated,
        name: String = "",
        title: String,
        text: String = "",
        labels: [String: String] = [:],
        annotations: [String: String] = [:],
        starts: Date? = nil,
        ends: Date? = nil,
        link: String? = nil,
        values: [String: String] = [:]
    ) {
        self.fingerprint = fingerprint
        self.status = status
        self.severity = severity
        self.name = name
        self.title = title
        self.text = text
        self.labels = labels
        self.annotations = annotations
        self.starts = starts
        self.ends = ends
        self.link = link
        self.values = values
    }
}
