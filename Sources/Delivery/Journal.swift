public import XML
public import XMPP

/// One inbound stanza as the journal holds it (R2): written before it is counted or opened, done when its handler has said so.
public struct JournalEntry: Hashable, Sendable {
    /// What is known about the entry's progress.
    public enum State: String, Sendable {
        /// Recorded; its handler has not finished. Runs again after a crash.
        case received
        /// Handled, or refused; never runs again.
        case done
        /// Given up after too many tries; an admin hears of it.
        case dead
    }
    /// The store's number for it, ascending in order of arrival.
    public var number: Int64
    /// The account that received it (bare JID).
    public var account: Address
    /// SHA-256 of the decoded OpenPGP message, in hexadecimal.
    public var hash: String
    /// The stanza as it came, ciphertext included.
    public var stanza: Element
    /// When it arrived, in seconds since 1970.
    public var arrived: Int64
    /// How often a handler was started for it.
    public var attempts: Int
    /// Its progress.
    public var state: State

    /// Makes an entry.
    public init(number: Int64, account: Address, hash: String, stanza: Element, arrived: Int64, attempts: Int, state: State) {
        self.number = number
        self.account = account
        self.hash = hash
        self.stanza = stanza
        self.arrived = arrived
        self.attempts = attempts
        self.state = state
    }
}

/// A change of the journal; several make one batch, one transaction and one fsync.
public enum JournalChange: Hashable, Sendable {
    /// Remembers what identifies a verified message to its signer (a ``JournalMark`` each), so that the same message in another
    /// ciphertext is a repeat (S7, R2).
    case verified(number: Int64, signer: String, marks: Set<JournalMark>)
    /// A handler is being started.
    case attempted(number: Int64)
    /// Its handlers have finished, or it was refused: it never runs again.
    case done(number: Int64)
    /// Given up.
    case dead(number: Int64)
}

/// Something that a signer uses once only.
public struct JournalMark: Hashable, Sendable {
    /// The mark's text; the two kinds can't be taken for each other.
    public let text: String

    /// The stanza's origin-id (XEP-0359).
    public static func originID(_ id: String) -> JournalMark { JournalMark(text: "origin-id " + id) }
    /// The SHA-256 of the decrypted content, in hexadecimal; content has a time and random padding inside.
    public static func content(_ hash: String) -> JournalMark { JournalMark(text: "content " + hash) }
}

/// What is found in a row of the journal.
public enum JournalFinding: Hashable, Sendable {
    /// An entry.
    case entry(JournalEntry)
    /// A row of this number that can't be read; `oxbow store repair` takes it out.
    case damaged(Int64)

    /// The row's number.
    public var number: Int64 {
        switch self {
        case .entry(let entry): entry.number
        case .damaged(let number): number
        }
    }
}

/// The answer to recording a stanza.
public enum JournalVerdict: Hashable, Sendable {
    /// New: it is on disk now, under this number.
    case recorded(Int64)
    /// Seen before, whatever its state: it must not run again from here.
    case replay
}

/// The inbound journal and replay cache (R2). All writes are durable when the call returns.
public protocol Journal: Sendable {
    /// Records a stanza under (account, hash) unless that pair is already there.
    func record(account: Address, hash: String, stanza: Element, arrived: Int64) async throws -> JournalVerdict
    /// Whether another entry of this account carries one of the marks under the same signer.
    func isRepeat(account: Address, signer: String, marks: Set<JournalMark>, besides number: Int64) async throws -> Bool
    /// Applies changes in one transaction.
    func commit(_ changes: [JournalChange]) async throws
    /// The entries of an account that are `received`, in order of arrival.
    func unfinished(account: Address) async throws -> [JournalEntry]
    /// The same by pages: entries with a number above `after`, at most `limit` of them.
    func unfinished(account: Address, after: Int64, limit: Int) async throws -> [JournalEntry]
    /// The same, where a row that is damaged hides only itself.
    func findings(account: Address, after: Int64, limit: Int) async throws -> [JournalFinding]
    /// How many entries of an account are `received`.
    func unfinishedCount(account: Address) async throws -> Int
    /// Forgets what arrived for an account before a time (R2: its `max_age` + 1 h ago) and is not `received`. Other accounts may have to
    /// remember longer.
    func forget(before: Int64, account: Address) async throws
    /// When the store was made, restored or repaired, in seconds since 1970: content older than that is stale (R1).
    func birth() async throws -> Int64
}

extension Journal {
    /// The same, for a journal whose rows can't be damaged.
    public func findings(account: Address, after: Int64, limit: Int) async throws -> [JournalFinding] {
        try await unfinished(account: account, after: after, limit: limit).map(JournalFinding.entry)
    }

    /// How many entries of an account are `received`, for a journal that holds all of it in memory anyway.
    public func unfinishedCount(account: Address) async throws -> Int { try await unfinished(account: account).count }

    /// The same by pages, for a journal that holds all of it in memory anyway.
    public func unfinished(account: Address, after: Int64, limit: Int) async throws -> [JournalEntry] {
        Array(try await unfinished(account: account).filter { $0.number > after }.prefix(limit))
    }
}
