/// When to connect again: never giving up, never hammering.
///
/// The waits double from failure to failure, each with a random part, so that the accounts of a process and the bots of a server that
/// restarts don't come back in one instant.
public struct Backoff: Hashable, Sendable {
    /// How long one kind of failure makes us wait.
    private struct Plan {
        let first: Duration
        let limit: Duration
        /// The part of a wait that is random: a half spreads many clients well; a promised minimum bears only an addition.
        let isMinimum: Bool
    }

    /// How long a session must have lasted before the next failure counts as the first. Shorter ones count as failures themselves, but
    /// what was before them no longer does: a server that was away for an hour and restarts once more is back soon. However many of them
    /// there are, they alone never make a wait longer than 32 s: a line that lets us in now and then is worth trying.
    public static let settledAfter: Duration = .seconds(60)
    /// How long it must have lasted before a conflict counts as the first: two processes that throw each other out do so every few minutes.
    public static let conflictSettledAfter: Duration = .seconds(3_600)

    private var failures = 0
    /// Sessions in a row that didn't last.
    private var short = 0
    private var conflicts = 0
    private var refusals = 0

    /// An account that has not failed yet.
    public init() {}

    /// Notes that a session has ended that lasted so long.
    public mutating func wasOnline(for duration: Duration) {
        // The password was right.
        refusals = 0
        short = duration >= Self.settledAfter ? 0 : min(short + 1, 30)
        failures = min(max(0, short - 1), 5)
        if duration >= Self.conflictSettledAfter { conflicts = 0 }
    }

    /// How long to wait after a failure.
    ///
    /// - A lost connection, an unreachable or failing server, bad TLS: 1 s, doubling to 5 min, between half and all of it.
    /// - A refused login: 30 s, doubling to 1 h. Servers lock out who tries too often.
    /// - A conflict: at least 5 min, doubling to 4 h (R6).
    public mutating func delay(after failure: SessionFailure, using random: inout some RandomNumberGenerator) -> Duration {
        let plan: Plan
        let count: Int
        switch failure.code {
        case .login:
            (plan, count) = (Plan(first: .seconds(30), limit: .seconds(3_600), isMinimum: false), refusals)
            refusals = min(refusals + 1, 30)
        case .conflict:
            (plan, count) = (Plan(first: .seconds(300), limit: .seconds(4 * 3_600), isMinimum: true), conflicts)
            conflicts = min(conflicts + 1, 30)
        default:
            (plan, count) = (Plan(first: .seconds(1), limit: .seconds(300), isMinimum: false), failures)
            failures = min(failures + 1, 30)
        }
        let whole = min(plan.first * (1 << count), plan.limit)
        // 53 bits, below one. Double.random samples again and again with a generator that repeats itself, as a test's may.
        let share = Double(random.next() >> 11) * 0x1p-53
        return plan.isMinimum ? whole + whole / 10 * share : whole / 2 + whole / 2 * share
    }
}
