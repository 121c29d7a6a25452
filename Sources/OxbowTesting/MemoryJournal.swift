public import Delivery
public import XML
public import XMPP

/// A journal that forgets everything at the end of the process; otherwise it behaves as OxbowSQLite's.
public actor MemoryJournal: Journal {
    private var table = MemoryJournalTable()
    private let born: Int64

    /// Makes an empty journal.
    ///
    /// - Parameter birth: What it says about its age, in seconds since 1970.
    public init(birth: Int64) {
        born = birth
    }

    /// Records a stanza under (account, hash) unless that pair is already there.
    public func record(account: Address, hash: String, stanza: Element, arrived: Int64) -> JournalVerdict {
        table.record(account: account, hash: hash, stanza: stanza, arrived: arrived)
    }

    /// Whether another entry of this account carries one of the marks under the same signer.
    public func isRepeat(account: Address, signer: String, marks: Set<JournalMark>, besides number: Int64) -> Bool {
        table.isRepeat(account: account, signer: signer, marks: marks, besides: number)
    }

    /// Applies changes. A change of an entry that isn't there, or no longer `received`, does nothing.
    public func commit(_ changes: [JournalChange]) {
        for change in changes { table.apply(change) }
    }

    /// The entries of an account that are `received`, in order of arrival.
    public func unfinished(account: Address) -> [JournalEntry] { table.unfinished(account: account) }

    /// Forgets what arrived for an account before a time and is not `received`.
    public func forget(before time: Int64, account: Address) { table.forget(before: time, account: account) }

    /// What was said when it was made.
    public func birth() -> Int64 { born }
}
