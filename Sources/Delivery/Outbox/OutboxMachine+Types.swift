public import XMPP

extension OutboxMachine {
    /// For how long after its sending a bounce puts a message back, in seconds (R10).
    public static let bounceTime: Int64 = 900
    /// How old sealed bytes may be when they are sent again unchanged, in seconds (R9).
    public static let freshness: Int64 = 300
    /// Stanzas above this size, in bytes, are sent alone while no limit is known (R11).
    public static let aloneAbove = 200 << 10

    /// What bounds the machine.
    public struct Limits: Hashable, Sendable {
        /// How many entries are in memory, without their content.
        public var window: Int
        /// How many of them for one recipient.
        public var recipientWindow: Int
        /// How many are being sealed, or sealed and unacknowledged.
        public var inFlight: Int
        /// How many bytes of stanzas are unacknowledged, but for one that is larger by itself.
        public var inFlightBytes: Int
        /// How many are being sealed at a time.
        public var sealing: Int
        /// How many of those for one recipient.
        public var recipientSealing: Int
        /// How many are asked for in one page.
        public var page: Int
        /// After how many seconds an open message is late, and `admins:` hear of it (`stuck_after`).
        public var stuckAfter: Int64
        /// How many seconds lie between two notices of the same kind at least.
        public var noticePause: Int64

        /// Makes limits.
        public init(
            window: Int = 1000,
            recipientWindow: Int = 256,
            inFlight: Int = 128,
            inFlightBytes: Int = 1 << 20,
            sealing: Int = 4,
            recipientSealing: Int = 2,
            page: Int = 256,
            stuckAfter: Int64 = 600,
            noticePause: Int64 = 900
        ) {
            self.window = max(1, window)
            self.recipientWindow = max(1, recipientWindow)
            self.inFlight = max(1, inFlight)
            self.inFlightBytes = max(1, inFlightBytes)
            self.sealing = max(1, sealing)
            self.recipientSealing = max(1, recipientSealing)
            self.page = max(1, page)
            self.stuckAfter = max(1, stuckAfter)
            self.noticePause = max(1, noticePause)
        }
    }

    /// How a connection ended.
    public enum Cut: Hashable, Sendable {
        /// Somehow, and the session was not resumed.
        case lost
        /// With the stream error `policy-violation`: one of the unacknowledged stanzas may be too big (R11).
        case policyViolation
    }

    /// What happens to an outbox.
    public enum Event: Sendable {
        /// The process has started. Before anything else.
        case start
        /// Messages of this account have been committed to the store.
        case accepted
        /// The answer to ``Step/load(_:)``.
        case loaded(OutboxQuery, OutboxPage)
        /// ``Step/load(_:)`` could not be done; it is tried again at the next tick.
        case loadFailed
        /// The answer to ``Step/summarize(before:)``.
        case summary(OutboxSummary)
        /// Stanzas can be sent. `limit` is the largest that the server announces (XEP-0478), in bytes.
        case online(limit: Int?)
        /// They can't for now; whether what was unacknowledged goes on is not known yet. ``online(limit:)`` says that it does.
        case interrupted
        /// They can't, and nothing that was unacknowledged will be acknowledged any more.
        case offline(Cut)
        /// The answer to ``Step/seal(_:)``.
        case sealed(number: Int64, OutboxSealed)
        /// The same, without success.
        case sealFailed(number: Int64, OutboxFailure)
        /// The server has acknowledged the stanza (XEP-0198).
        case acknowledged(number: Int64)
        /// The session has not taken the stanza, or has given it up by itself.
        case sendFailed(number: Int64, OutboxFailure)
        /// An error stanza has come for this entry (looked up by account and id), from this address.
        case bounced(OutboxEntry, from: Address, condition: String, text: String?)
        /// A receipt has come for this entry (looked up by account and id), from this address.
        case receipt(OutboxEntry, from: Address)
        /// Something has changed for a recipient, such as its keys: what waits for it may go.
        case hasten(Address)
        /// The operator tries this entry again, be it dead or waiting.
        case retry(OutboxEntry, expires: Int64)
        /// The operator drops this entry, or its sender takes it back.
        case withdraw(OutboxEntry)
        /// Time has passed. At ``Step/wake(at:)``, and every minute.
        case tick
    }

    /// What an admin hears: only that, and how many.
    public enum Notice: Hashable, Sendable {
        /// So many messages have been given up since the last notice.
        case deadLetters(Int)
        /// So many messages wait for longer than ``Limits/stuckAfter``.
        case stuck(Int)
        /// None is stuck any more.
        case flowing
    }

    /// What is to be done once the changes are on disk.
    public enum Step: Hashable, Sendable {
        /// Look these up, and answer ``Event/loaded(_:_:)``. At most one is under way.
        case load(OutboxQuery)
        /// Look up the summary, and answer ``Event/summary(_:)``.
        case summarize(before: Int64)
        /// Seal the entry's payload, and answer ``Event/sealed(number:_:)`` or ``Event/sealFailed(number:_:)``.
        case seal(OutboxEntry)
        /// Give these bytes to the session; without bytes, those that the store has. Steps of one recipient are in order.
        case send(OutboxEntry, OutboxSealed?)
        /// The entry has come to this state, for whoever waits for it; nothing is to be done.
        case settled(number: Int64, OutboxEntry.State, OutboxFailure?)
        /// The answer to ``Event/withdraw(_:)``: its state then, and whether it may have left (R14).
        case withdrawal(number: Int64, OutboxEntry.State, mayHaveLeft: Bool)
        /// Tell the account's admins, by another way than this account.
        case tell(Notice)
        /// Tick at this time, in seconds since 1970; replaces the time before.
        case wake(at: Int64)
    }

    /// What follows from events: changes to commit, and steps to take after that, in order.
    public struct Turn: Hashable, Sendable {
        /// One batch for the store. If it can't be committed now, try the same again: the machine has moved on.
        public var changes: [OutboxChange]
        /// What to do once the changes are on disk.
        public var steps: [Step]

        /// Makes a turn.
        public init(changes: [OutboxChange] = [], steps: [Step] = []) {
            self.changes = changes
            self.steps = steps
        }

        /// Joins two turns into one batch, the later one on the right.
        public static func += (first: inout Turn, second: Turn) {
            first.changes += second.changes
            first.steps += second.steps
        }
    }
}
