/// How much an alert asks for somebody, from nothing said to "get up".
public enum Severity: Int, Sendable, Hashable, Codable, Comparable, CaseIterable {
    /// Nothing is said.
    case unstated
    /// Good to know.
    case info
    /// Somebody should look in working hours.
    case warning
    /// Something is broken.
    case error
    /// Somebody should get up.
    case critical

    /// By how much it asks for.
    public static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }

    /// How it stands in a message; `nil` when nothing is said.
    public var text: String? { self == .unstated ? nil : String(describing: self) }

    /// The words that people use for it in labels and payloads, in any case; `unstated` for a word that isn't known.
    public init(word: String) {
        switch word.lowercased() {
        case "critical", "crit", "page", "fatal", "disaster", "emergency", "emerg", "panic", "urgent", "highest", "p1", "sev1":
            self = .critical
        case "error", "err", "major", "high", "severe", "failure", "failed", "danger", "p2", "sev2": self = .error
        case "warning", "warn", "minor", "average", "medium", "p3", "sev3": self = .warning
        case "info", "information", "informational", "notice", "low", "lowest", "debug", "good", "ok", "p4", "p5", "sev4", "sev5":
            self = .info
        default: self = .unstated
        }
    }
}
