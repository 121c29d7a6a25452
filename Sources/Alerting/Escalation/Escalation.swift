/// What happens to an alert that nobody acknowledges.
public struct Escalation: Sendable, Hashable {
    /// What happens after the last step.
    public enum End: String, Sendable, Hashable, CaseIterable {
        /// It stops, and everybody is told so.
        case stop
        /// It begins anew with the first.
        case again
    }

    /// How long a step has, in seconds.
    public var after: Int64
    /// What happens after the last step.
    public var end: End

    /// How often a plan begins anew at most: a forgotten alert doesn't call people for ever.
    public static let roundLimit = 10

    /// Makes a rule; a step has at least ten seconds.
    public init(after: Int64, end: End = .stop) {
        self.after = max(after, 10)
        self.end = end
    }
}
