public import XML
public import XMPP

/// A change of what a process must not forget; several make one batch, one transaction and one fsync.
public enum Change: Hashable, Sendable {
    /// Of the inbound journal.
    case journal(JournalChange)
    /// Of the outbox.
    case outbox(OutboxChange)
    /// The session that may be resumed, with its count of handled stanzas (R12); `nil` if there is none any more.
    case resumption(ResumptionRecord?, account: Address)
    /// How far the account's archive has been seen; in the batch that holds the stanza it came with.
    case archive(ArchiveMark?, account: Address)
    /// What another part of the process remembers under a key of its own, in the batch of what must be true with it; `nil` forgets it.
    /// Keys are fixed words and hashes, at most ``noteKeyLimit`` bytes, a value at most ``noteLimit``. Key and bytes are sealed like the rest.
    case note(key: String, bytes: [UInt8]?, account: Address)

    /// How long a note's key may be, in bytes.
    public static let noteKeyLimit = 1024
    /// How long a note may be, in bytes.
    public static let noteLimit = 4 << 20
}

/// Reads what other parts of the process have written as ``Change/note(key:bytes:account:)``.
public protocol NoteStore: Sendable {
    /// All notes of an account, by key.
    ///
    /// - Throws: when one can't be read: what is remembered isn't forgotten quietly.
    func notes(of account: Address) async throws -> [String: [UInt8]]
}

/// Up to where an account's archive (XEP-0313) has been seen: after a gap it is read from there (R6).
public struct ArchiveMark: Hashable, Sendable {
    /// The archive's id of the last message, if one is known.
    public var id: String?
    /// When it was seen, in seconds since 1970; where to begin if the archive no longer knows the id.
    public var time: Int64

    /// Makes a mark.
    public init(id: String?, time: Int64) {
        self.id = id
        self.time = time
    }
}

/// A change of the outbox. One that doesn't fit the entry's state, or names none, does nothing.
public enum OutboxChange: Hashable, Sendable {
    /// Takes a message in. Of an account and id that are there already it keeps what is there.
    case accept(OutboxMessage)
    /// Is about to be handed over; with new bytes, or with those that are stored. `order` is kept from the first time (R10).
    case handed(number: Int64, sealed: OutboxSealed?, order: Int64)
    /// Our server has acknowledged it. `retry` is when it goes again if it needs a receipt that has not come.
    case sent(number: Int64, at: Int64, retry: Int64)
    /// Its receipt has come.
    case delivered(number: Int64, at: Int64)
    /// Failed for so many times, and is tried again at a time; also brings back what was sent and bounced.
    case waiting(number: Int64, isHeld: Bool, failure: OutboxFailure, attempts: Int, until: Int64)
    /// Given up. Its payload is kept for an operator who tries it again.
    case dead(number: Int64, failure: OutboxFailure, at: Int64)
    /// Taken back; its content is erased.
    case withdrawn(number: Int64, at: Int64)
    /// Brings back what was given up, or makes what waits go at once; attempts are counted anew, and it expires at the given time if
    /// that is later.
    case retry(number: Int64, expires: Int64)
    /// What waits for a recipient may go at once: a key has come, or the operator says so.
    case hasten(account: Address, recipient: Address)
    /// The account's server takes no stanza of this many bytes (R11).
    case learnt(account: Address, limit: Int)
}

/// The outbox on disk. All writes are durable when the call returns.
public protocol OutboxStore: Sendable {
    /// Applies changes in one transaction.
    ///
    /// - Returns: The numbers of the messages that were accepted, in their order in the batch.
    @discardableResult
    func commit(_ changes: [Change]) async throws -> [Int64]
    /// Looks entries up.
    func find(_ query: OutboxQuery) async throws -> OutboxPage
    /// What an entry holds; `nil` if there is none of that number.
    func content(of number: Int64) async throws -> OutboxContent?
    /// How an account stands.
    ///
    /// - Parameter before: What was accepted before this time counts as ``OutboxSummary/late``, in seconds since 1970.
    func summary(account: Address, before: Int64) async throws -> OutboxSummary
    /// Erases and forgets what is of no more use.
    func prune(_ rule: OutboxPruning) async throws
}

/// A stanza that has come and is to be recorded, with what must be on disk together with it.
public struct JournalArrival: Hashable, Sendable {
    /// SHA-256 of the decoded OpenPGP message, in hexadecimal.
    public var hash: String
    /// The stanza as it came.
    public var stanza: Element
    /// When it arrived, in seconds since 1970.
    public var arrived: Int64
    /// Applied in the same transaction, whether the stanza is new or not: the count of handled stanzas (R12).
    public var changes: [Change]

    /// Makes an arrival.
    public init(hash: String, stanza: Element, arrived: Int64, changes: [Change] = []) {
        self.hash = hash
        self.stanza = stanza
        self.arrived = arrived
        self.changes = changes
    }
}

/// Journal and outbox in one store, so that an event's end and its replies are one batch (R2).
public protocol Store: Journal, OutboxStore, NoteStore {
    /// Records stanzas of an account in one transaction, each unless it is there already, and applies their changes in either case: the
    /// count of handled stanzas (R12).
    ///
    /// - Returns: A verdict for each, in order. Their numbers ascend.
    func record(_ arrivals: [JournalArrival], account: Address) async throws -> [JournalVerdict]
    /// Up to where an account's archive has been seen; `nil` before the first start.
    func archiveMark(of account: Address) async throws -> ArchiveMark?
}

extension Store {
    /// Records one stanza unless it is there already, and in the same transaction applies changes, in either case.
    public func record(account: Address, hash: String, stanza: Element, arrived: Int64, with changes: [Change]) async throws
        -> JournalVerdict
    {
        let arrival = JournalArrival(hash: hash, stanza: stanza, arrived: arrived, changes: changes)
        return try await record([arrival], account: account).first ?? .replay
    }

    /// Records one stanza under (account, hash) unless that pair is already there.
    public func record(account: Address, hash: String, stanza: Element, arrived: Int64) async throws -> JournalVerdict {
        try await record(account: account, hash: hash, stanza: stanza, arrived: arrived, with: [])
    }
}
