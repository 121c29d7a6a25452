import Delivery
import XML
import XMPP

/// The journal's rows, for the memories that have a journal.
struct MemoryJournalTable: Sendable {
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

    mutating func record(account: Address, hash: String, stanza: Element, arrived: Int64) -> JournalVerdict {
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

    func isRepeat(account: Address, signer: String, marks wanted: Set<JournalMark>, besides number: Int64) -> Bool {
        wanted.contains { mark in
            marks[Mark(account: account.bare, signer: signer, mark: mark)]?.contains { $0 != number } ?? false
        }
    }

    mutating func apply(_ change: JournalChange) {
        switch change {
        case .verified(let number, let signer, let new):
            guard let account = entries[number]?.account else { return }
            for mark in new { marks[Mark(account: account, signer: signer, mark: mark), default: []].insert(number) }
        case .attempted(let number): update(number) { $0.attempts += 1 }
        case .done(let number): update(number) { $0.state = .done }
        case .dead(let number): update(number) { $0.state = .dead }
        }
    }

    func unfinished(account: Address) -> [JournalEntry] {
        entries.values.filter { $0.account == account.bare && $0.state == .received }.sorted { $0.number < $1.number }
    }

    func unfinished(account: Address, after: Int64, limit: Int) -> [JournalEntry] {
        guard after < last else { return [] }
        return Array(
            (max(0, after) + 1...last).lazy.compactMap { entries[$0] }.filter { $0.account == account.bare && $0.state == .received }
                .prefix(limit)
        )
    }

    mutating func forget(before time: Int64, account: Address) {
        entries = entries.filter { $0.value.arrived >= time || $0.value.state == .received || $0.value.account != account.bare }
        seen = Set(entries.values.map { Key(account: $0.account, hash: $0.hash) })
        marks = marks.mapValues { $0.filter { entries[$0] != nil } }.filter { !$0.value.isEmpty }
    }

    private mutating func update(_ number: Int64, _ body: (inout JournalEntry) -> Void) {
        guard entries[number]?.state == .received, var entry = entries[number] else { return }
        body(&entry)
        entries[number] = entry
    }
}
