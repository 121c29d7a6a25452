public import Delivery
public import XML
public import XMPP

/// A journal that forgets everything at the end of the process; otherwise it behaves as OxbowSQLite's.
public actor MemoryJournal: Journal {
    private struct Mark: Hashable {
        let account: Address
        let signer: String
        let mark: JournalMark
    }
    private struct Key: Hashable {
        let account: Address
        let hash: String
    }
    private var entries: [Int64: JournalEntry] = [:]
    private var seen: Set<Key> = []
    private var marks: [Mark: Set<Int64>] = [:]
    private var last: Int64 = 0
    private let born: Int64

    /// Makes an empty journal.
    ///
    /// - Parameter birth: What it says about its age, in seconds since 1970.
    public init(birth: Int64) {
        born = birth
    }

    /// Records a stanza under (account, hash) unless that pair is already there.
    public func record(account: Address, hash: String, stanza: Element, arrived: Int64) -> JournalVerdict {
        guard seen.insert(Key(account: account.bare, hash: hash)).inserted else { return .replay }
        last += 1
        entries[last] = JournalEntry(
            number: last,
            account: account.bare,
            hash: hash,
            stanza: stanza,
            arrived: arrived,
            attempts: 0,
            state: .received
        )
        return .recorded(last)
    }

    /// Whether another entry of this account carries one of the marks under the same signer.
    public func isRepeat(account: Address, signer: String, marks wanted: Set<JournalMark>, besides number: Int64) -> Bool {
        wanted.contains { mark in
            marks[Mark(account: account.bare, signer: signer, mark: mark)]?.contains { $0 != number } ?? false
        }
    }

    /// Applies changes. A change of an entry that isn't there, or no longer `received`, does nothing.
    public func commit(_ changes: [JournalChange]) {
        for change in changes {
            switch change {
            case .verified(let number, let signer, let new):
                guard let account = entries[number]?.account else { continue }
                for mark in new { marks[Mark(account: account, signer: signer, mark: mark), default: []].insert(number) }
            case .attempted(let number): update(number) { $0.attempts += 1 }
            case .done(let number): update(number) { $0.state = .done }
            case .dead(let number): update(number) { $0.state = .dead }
            }
        }
    }

    /// The entries of an account that are `received`, in order of arrival.
    public func unfinished(account: Address) -> [JournalEntry] {
        entries.values.filter { $0.account == account.bare && $0.state == .received }.sorted { $0.number < $1.number }
    }

    /// Forgets what arrived before a time and is not `received`.
    public func forget(before time: Int64) {
        entries = entries.filter { $0.value.arrived >= time || $0.value.state == .received }
        seen = Set(entries.values.map { Key(account: $0.account, hash: $0.hash) })
        marks = marks.mapValues { $0.filter { entries[$0] != nil } }.filter { !$0.value.isEmpty }
    }

    /// What was said when it was made.
    public func birth() -> Int64 { born }

    private func update(_ number: Int64, _ body: (inout JournalEntry) -> Void) {
        guard entries[number]?.state == .received, var entry = entries[number] else { return }
        body(&entry)
        entries[number] = entry
    }
}
