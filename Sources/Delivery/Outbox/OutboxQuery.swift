public import XMPP

/// Which entries are looked for. Pages are in order of number.
public struct OutboxQuery: Hashable, Sendable {
    /// What is asked for.
    public enum Wish: Hashable, Sendable {
        /// What may go now: open, with its time come, and not behind an entry of the same recipient that waits. What has expired is due too,
        /// and so is what would wait for longer than ``OutboxQuery/longestWait``: the clock has been set back.
        case due(now: Int64)
        /// What is open and past its time.
        case expired(now: Int64)
        /// What is in one of these states; for lists.
        case states(Set<OutboxEntry.State>)
        /// The entry of an account with this id.
        case id(String)
        /// The entry of this number.
        case number(Int64)
    }
    /// No pause is as long as this, in seconds.
    public static let longestWait: Int64 = 86_400
    /// How many recipients ``excluding`` may have.
    public static let exclusionLimit = 64

    /// What is asked for.
    public var wish: Wish
    /// Of one account only.
    public var account: Address?
    /// To one recipient only (compared in full).
    public var recipient: Address?
    /// Not to these recipients; at most ``exclusionLimit`` are heeded.
    public var excluding: [Address]
    /// Only what comes after this number.
    public var after: Int64
    /// How many at most; at least 1.
    public var limit: Int

    /// Makes a query.
    public init(
        _ wish: Wish,
        account: Address? = nil,
        recipient: Address? = nil,
        excluding: [Address] = [],
        after: Int64 = 0,
        limit: Int = 100
    ) {
        self.wish = wish
        self.account = account
        self.recipient = recipient
        self.excluding = excluding
        self.after = after
        self.limit = limit
    }
}

/// Some entries, in order of number.
public struct OutboxPage: Hashable, Sendable {
    /// The entries.
    public var entries: [OutboxEntry]
    /// Whether there are no more after these.
    public var isLast: Bool
    /// For ``OutboxQuery/Wish/due(now:)``: when the next one that waits is due, in seconds since 1970; `nil` if none waits.
    public var nextDue: Int64?

    /// Makes a page.
    public init(entries: [OutboxEntry], isLast: Bool, nextDue: Int64? = nil) {
        self.entries = entries
        self.isLast = isLast
        self.nextDue = nextDue
    }
}

/// How an account's outbox stands: numbers only, fit for logs, status and admins.
public struct OutboxSummary: Hashable, Sendable {
    /// How many there are in each state; states without any are left out.
    public var counts: [OutboxEntry.State: Int]
    /// How many are open.
    public var open: Int
    /// When the oldest open one was accepted, in seconds since 1970.
    public var oldest: Int64?
    /// How many open ones were accepted before the time that was asked for.
    public var late: Int
    /// When the first open one expires, in seconds since 1970.
    public var firstExpiry: Int64?
    /// The highest ``OutboxEntry/order``; 0 if nothing was ever handed over.
    public var lastOrder: Int64
    /// The largest stanza that the account's server was seen to take, or rather the smallest that it didn't, in bytes (R11).
    public var learntLimit: Int?

    /// Makes a summary.
    public init(
        counts: [OutboxEntry.State: Int] = [:],
        open: Int = 0,
        oldest: Int64? = nil,
        late: Int = 0,
        firstExpiry: Int64? = nil,
        lastOrder: Int64 = 0,
        learntLimit: Int? = nil
    ) {
        self.counts = counts
        self.open = open
        self.oldest = oldest
        self.late = late
        self.firstExpiry = firstExpiry
        self.lastOrder = lastOrder
        self.learntLimit = learntLimit
    }
}

/// What is of no more use, by time of settlement, in seconds since 1970.
public struct OutboxPruning: Hashable, Sendable {
    /// The content of what was sent or delivered before this time is erased: no bounce is believed any more (R10).
    public var contentBefore: Int64
    /// What was sent, delivered or withdrawn before this time is forgotten, its id included.
    public var settledBefore: Int64
    /// Dead letters of before this time are forgotten, with their payload.
    public var deadBefore: Int64

    /// Makes a rule.
    public init(contentBefore: Int64, settledBefore: Int64, deadBefore: Int64) {
        self.contentBefore = contentBefore
        self.settledBefore = settledBefore
        self.deadBefore = deadBefore
    }

    /// Content for 15 minutes, settled ones for 7 days, dead letters for 30.
    public init(now: Int64) {
        self.init(contentBefore: now - OutboxMachine.bounceTime, settledBefore: now - 7 * 86_400, deadBefore: now - 30 * 86_400)
    }
}
