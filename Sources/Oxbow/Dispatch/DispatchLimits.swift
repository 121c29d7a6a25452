/// What a dispatcher may hold and run for one account.
public struct DispatchLimits: Hashable, Sendable {
    /// Messages held in memory, waiting or being handled; the rest waits in the journal. A few more may come while they are being opened.
    public var held: Int
    /// The same of one sender (bare JID).
    public var ofSender: Int
    /// Senders served at a time.
    public var senders: Int
    /// How often a message is begun before it is given up (R2).
    public var attempts: Int

    /// Makes limits.
    public init(held: Int = 1000, ofSender: Int = 16, senders: Int = 256, attempts: Int = 5) {
        self.held = held
        self.ofSender = ofSender
        self.senders = senders
        self.attempts = attempts
    }
}
