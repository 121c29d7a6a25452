/// When this process says that it lives, to somebody who waits for it. The caller does the saying, and only while its account can send.
public struct OutgoingHeartbeat: Sendable, Hashable {
    /// How often, in seconds.
    public var every: Int64
    /// When it is due next, in seconds since 1970.
    public private(set) var due: Int64

    /// Begins at once.
    public init(every: Int64, now: Int64) {
        self.every = max(every, 1)
        due = now
    }

    /// Whether it is due; if so, the next time is set. What was missed isn't made up for.
    public mutating func fire(now: Int64) -> Bool {
        guard now >= due else {
            // After the clock was set back it doesn't stay silent for longer than its interval.
            due = min(due, now + every)
            return false
        }
        due = now + every
        return true
    }
}
