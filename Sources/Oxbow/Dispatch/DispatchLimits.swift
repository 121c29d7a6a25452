/// What a dispatcher may hold and run for one account.
public struct DispatchLimits: Hashable, Sendable {
    /// Messages held in memory, waiting or being handled; the rest waits in the journal.
    public var held: Int
    /// Senders served at a time.
    public var senders: Int
    /// How often a message is begun before it is given up (R2).
    public var attempts: Int

    /// Makes limits.
    public init(held: Int = 1000, senders: Int = 256, attempts: Int = 5) {
        self.held = held
        self.senders = senders
        self.attempts = attempts
    }
}
