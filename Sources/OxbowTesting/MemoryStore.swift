public import Delivery
public import XMPP

/// Journal, outbox and resumable sessions that are forgotten at the end of the process; otherwise it behaves as OxbowSQLite's.
public actor MemoryStore: Store, ResumptionMemory {
    private var journal = MemoryJournalTable()
    private var outbox = MemoryOutboxTable()
    private var sessions: [Address: ResumptionRecord] = [:]
    private var archives: [Address: ArchiveMark] = [:]
    private var notes: [Address: [String: [UInt8]]] = [:]
    private let born: Int64

    /// Makes an empty store.
    ///
    /// - Parameter birth: What it says about its age, in seconds since 1970.
    public init(birth: Int64) {
        born = birth
    }

    /// Applies changes at once. Returns the numbers of the messages that were accepted.
    @discardableResult
    public func commit(_ changes: [Change]) -> [Int64] {
        changes.compactMap { change in
            switch change {
            case .journal(let change): journal.apply(change)
            case .outbox(let change): return outbox.apply(change)
            case .resumption(let record, let account): setResumption(record, of: account)
            case .archive(let mark, let account): archives[account.bare] = mark
            case .note(let key, let bytes, let account): notes[account.bare, default: [:]][key] = bytes
            }
            return nil
        }
    }

    /// Records stanzas, each unless it is there already, and applies their changes in either case.
    public func record(_ arrivals: [JournalArrival], account: Address) -> [JournalVerdict] {
        arrivals.map { arrival in
            commit(arrival.changes)
            return journal.record(account: account, hash: arrival.hash, stanza: arrival.stanza, arrived: arrival.arrived)
        }
    }

    /// Up to where an account's archive has been seen.
    public func archiveMark(of account: Address) -> ArchiveMark? { archives[account.bare] }

    /// All notes of an account, by key.
    public func notes(of account: Address) -> [String: [UInt8]] { notes[account.bare] ?? [:] }

    // MARK: outbox

    /// Looks entries up.
    public func find(_ query: OutboxQuery) -> OutboxPage { outbox.find(query) }

    /// What an entry holds; `nil` if there is none of that number.
    public func content(of number: Int64) -> OutboxContent? { outbox.content(of: number) }

    /// How an account stands.
    public func summary(account: Address, before: Int64) -> OutboxSummary { outbox.summary(account: account.bare, before: before) }

    /// Erases and forgets what is of no more use.
    public func prune(_ rule: OutboxPruning) { outbox.prune(rule) }

    // MARK: journal

    /// Whether another entry of this account carries one of the marks under the same signer.
    public func isRepeat(account: Address, signer: String, marks: Set<JournalMark>, besides number: Int64) -> Bool {
        journal.isRepeat(account: account, signer: signer, marks: marks, besides: number)
    }

    /// Applies changes of the journal.
    public func commit(_ changes: [JournalChange]) {
        for change in changes { journal.apply(change) }
    }

    /// The entries of an account that are `received`, in order of arrival.
    public func unfinished(account: Address) -> [JournalEntry] { journal.unfinished(account: account) }

    /// The same by pages.
    public func unfinished(account: Address, after: Int64, limit: Int) async -> [JournalEntry] {
        journal.unfinished(account: account, after: after, limit: limit)
    }

    /// Forgets what arrived for an account before a time and is not `received`.
    public func forget(before time: Int64, account: Address) { journal.forget(before: time, account: account) }

    /// What was said when it was made.
    public func birth() -> Int64 { born }

    // MARK: sessions

    /// The session that may be resumed, if any.
    public func resumption(of account: Address) -> ResumptionRecord? { sessions[account.bare] }

    /// Remembers a session, or with `nil` that there is none; an older count of the same session changes nothing.
    public func setResumption(_ record: ResumptionRecord?, of account: Address) {
        if let record, let stored = sessions[account.bare], record.isBehind(stored) { return }
        sessions[account.bare] = record
    }
}
