import Delivery
import OxbowTesting
import XML
import XMPP

/// A journal in memory that lets a test wait until an entry is settled.
actor WatchedJournal: Journal {
    private let journal = MemoryStore(birth: 0)
    private var settled: [Int64: JournalEntry.State] = [:]
    private var waiters: [Int64: [CheckedContinuation<JournalEntry.State, Never>]] = [:]
    private var count = 0
    private(set) var begun: [Int64] = []
    var failsAt: JournalChange?

    func add(_ payload: [Element], from sender: String, account: Address) async throws -> Int64 {
        count += 1
        let stanza = Element("message", Namespace.client, ["from": sender], payload)
        guard case .recorded(let number) = try await record(account: account, hash: "\(count)", stanza: stanza, arrived: 1) else {
            return 0
        }
        return number
    }

    func fail(at change: JournalChange?) { failsAt = change }

    /// Waits until an entry is done or dead.
    func end(of number: Int64) async -> JournalEntry.State {
        if let state = settled[number] { return state }
        return await withCheckedContinuation { waiters[number, default: []].append($0) }
    }

    func record(account: Address, hash: String, stanza: Element, arrived: Int64) async throws -> JournalVerdict {
        try await journal.record(account: account, hash: hash, stanza: stanza, arrived: arrived)
    }

    func isRepeat(account: Address, signer: String, marks: Set<JournalMark>, besides number: Int64) async throws -> Bool {
        await journal.isRepeat(account: account, signer: signer, marks: marks, besides: number)
    }

    struct Full: Error {}

    func commit(_ changes: [JournalChange]) async throws {
        if let failsAt, changes.contains(failsAt) { throw Full() }
        await journal.commit(changes)
        for change in changes {
            switch change {
            case .done(let number): settle(number, .done)
            case .dead(let number): settle(number, .dead)
            case .attempted(let number): begun.append(number)
            case .verified: break
            }
        }
    }

    private func settle(_ number: Int64, _ state: JournalEntry.State) {
        settled[number] = state
        for waiter in waiters.removeValue(forKey: number) ?? [] { waiter.resume(returning: state) }
    }

    func unfinished(account: Address) async throws -> [JournalEntry] { await journal.unfinished(account: account) }
    func forget(before time: Int64, account: Address) async throws { await journal.forget(before: time, account: account) }
    func birth() async throws -> Int64 { 0 }
}
