/// Where an alert stands.
public enum AlertStatus: String, Sendable, Hashable, Codable, CaseIterable {
    /// It holds now and asks for somebody.
    case firing
    /// It held and no longer does.
    case resolved
    /// It was said once and has no end: a push, a comment, "the backup is done".
    case note

    /// How it stands in a message: `FIRING`, `RESOLVED`, `NOTE`.
    public var marker: String { rawValue.uppercased() }
}
