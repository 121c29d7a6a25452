public import XMPP

/// The outbox of one account: what is sealed and sent when, and what follows. It does no IO.
///
/// Events go in, a ``Turn`` comes out: changes that have to be on disk before its steps are taken. Turns are worked off in order; the turns
/// of several events may be joined, so that one fsync serves them all. Entries of one recipient go in the order of their acceptance, but for
/// those that came back (R10); recipients go beside each other. In memory is a window of entries, without their content: the rest is read
/// from the store by pages, when its time has come.
public struct OutboxMachine: Sendable {
    let account: Address
    let limits: Limits
    let plan: RetryPlan
    let random: @Sendable () -> Double

    /// Makes the machine of an account.
    ///
    /// - Parameters:
    ///   - random: Numbers from 0 up to 1, for the pauses.
    public init(
        account: Address,
        limits: Limits = Limits(),
        plan: RetryPlan = .standard,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.account = account.bare
        self.limits = limits
        self.plan = plan
        self.random = random
    }

    /// Takes an event.
    ///
    /// - Parameter now: Seconds since 1970.
    public mutating func handle(_ event: Event, now: Int64) -> Turn {
        Turn()
    }
}
