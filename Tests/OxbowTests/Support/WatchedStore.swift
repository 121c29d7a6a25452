import Delivery
import OxbowTesting
import XML
import XMPP

@testable import Oxbow

/// A store in memory that counts what it is asked for, holds it up or fails as a test says, and tells when an entry is settled.
actor WatchedStore: Store {
    struct Full: Error {}
    /// How recording fails.
    enum Trouble: Sendable {
        /// Nothing is written.
        case before
        /// All is written, and the answer is lost.
        case after
    }

    private let store = MemoryStore(birth: 0)
    private var settled: [Int64: JournalEntry.State] = [:]
    private var waiters: [Int64: [CheckedContinuation<JournalEntry.State, Never>]] = [:]
    private var troubles: [Trouble] = []
    private var gate: Gate?
    private var isUnreadable = false
    /// How many stanzas each transaction recorded.
    private(set) var batches: [Int] = []
    /// The largest number of entries that were read at a time.
    private(set) var mostRead = 0
    private(set) var attempts: [Int64] = []

    func fail(_ troubles: [Trouble]) { self.troubles = troubles }
    func hold(_ gate: Gate?) { self.gate = gate }
    /// Whether its outbox can be read.
    func hide(_ isUnreadable: Bool) { self.isUnreadable = isUnreadable }

    /// Waits until an entry is done or dead.
    func end(of number: Int64) async -> JournalEntry.State {
        if let state = settled[number] { return state }
        return await withCheckedContinuation { waiters[number, default: []].append($0) }
    }

    func record(_ arrivals: [JournalArrival], account: Address) async throws -> [JournalVerdict] {
        batches.append(arrivals.count)
        await gate?.wait()
        let trouble = troubles.isEmpty ? nil : troubles.removeFirst()
        if trouble == .before { throw Full() }
        let verdicts = await store.record(arrivals, account: account)
        if trouble == .after { throw Full() }
        return verdicts
    }

    func isRepeat(account: Address, signer: String, marks: Set<JournalMark>, besides number: Int64) async throws -> Bool {
        await store.isRepeat(account: account, signer: signer, marks: marks, besides: number)
    }

    func commit(_ changes: [JournalChange]) async throws {
        await store.commit(changes)
        for change in changes {
            switch change {
            case .done(let number): settle(number, .done)
            case .dead(let number): settle(number, .dead)
            case .attempted(let number): attempts.append(number)
            case .verified: break
            }
        }
    }

    private func settle(_ number: Int64, _ state: JournalEntry.State) {
        settled[number] = state
        for waiter in waiters.removeValue(forKey: number) ?? [] { waiter.resume(returning: state) }
    }

    func unfinished(account: Address) async throws -> [JournalEntry] { await store.unfinished(account: account) }
    func unfinished(account: Address, after: Int64, limit: Int) async throws -> [JournalEntry] {
        let page = await store.unfinished(account: account, after: after, limit: limit)
        mostRead = max(mostRead, page.count)
        return page
    }
    /// Rows that can't be read.
    private var damaged: Set<Int64> = []
    func damage(_ number: Int64) { damaged.insert(number) }
    func findings(account: Address, after: Int64, limit: Int) async throws -> [JournalFinding] {
        try await unfinished(account: account, after: after, limit: limit).map { entry in
            damaged.contains(entry.number) ? .damaged(entry.number) : .entry(entry)
        }
    }
    func forget(before time: Int64, account: Address) async throws { await store.forget(before: time, account: account) }
    func birth() async throws -> Int64 { 0 }
    func commit(_ changes: [Change]) async throws -> [Int64] { await store.commit(changes) }
    func find(_ query: OutboxQuery) async throws -> OutboxPage {
        if isUnreadable { throw Full() }
        return await store.find(query)
    }
    func content(of number: Int64) async throws -> OutboxContent? { await store.content(of: number) }
    func summary(account: Address, before: Int64) async throws -> OutboxSummary { await store.summary(account: account, before: before) }
    func prune(_ rule: OutboxPruning) async throws { await store.prune(rule) }
    func notes(of account: Address) async throws -> [String: [UInt8]] { await store.notes(of: account) }
    func archiveMark(of account: Address) async throws -> ArchiveMark? { await store.archiveMark(of: account) }
}
