import Delivery
import XMPP

/// The outbox's rows, for the memories that have an outbox.
struct MemoryOutboxTable: Sendable {
    fileprivate struct Row {
        var entry: OutboxEntry
        var payload: [UInt8]?
        var sealed: OutboxSealed?
    }
    private struct Key: Hashable {
        let account: Address
        let id: String
    }
    private var rows: [Int64: Row] = [:]
    private var numbers: [Key: Int64] = [:]
    private var learnt: [Address: Int] = [:]
    private var last: Int64 = 0

    /// Applies a change; returns the number of a message that was accepted.
    mutating func apply(_ change: OutboxChange) -> Int64? {
        switch change {
        case .accept(let message): return accept(message)
        case .handed(let number, let sealed, let order):
            update(number, where: \.isOpen) { row in
                row.entry.state = .handed
                row.entry.order = row.entry.order ?? order
                row.entry.nextAttempt = 0
                guard let sealed else { return }
                row.sealed = sealed
                row.entry.sealedTime = sealed.time
                row.entry.sealedSize = sealed.size
            }
        case .sent(let number, let at, let retry):
            update(number, where: { $0.state == .handed }) { row in
                row.entry.state = .sent
                row.entry.settled = at
                row.entry.nextAttempt = row.entry.needsReceipt ? retry : 0
            }
        case .delivered(let number, let at):
            update(number, where: { $0.isOpen || $0.state == .sent }) { $0.settle(.delivered, at) }
        case .waiting(let number, let isHeld, let failure, let attempts, let until):
            update(number, where: { $0.isOpen || $0.state == .sent }) { row in
                row.entry.state = isHeld ? .held : .accepted
                row.entry.failure = failure
                row.entry.attempts = attempts
                row.entry.nextAttempt = until
                row.entry.settled = nil
            }
        case .dead(let number, let failure, let at):
            update(number, where: { $0.isOpen || $0.state == .sent }) { row in
                let payload = row.payload
                row.settle(.dead, at)
                row.payload = payload
                row.entry.failure = failure
            }
        case .withdrawn(let number, let at):
            update(number, where: { $0.isOpen || $0.state == .dead }) { $0.settle(.withdrawn, at) }
        case .retry(let number, let expires):
            update(number, where: { $0.isOpen || $0.state == .dead }) { row in
                row.entry.state = .accepted
                row.entry.attempts = 0
                row.entry.nextAttempt = 0
                row.entry.expires = max(row.entry.expires, expires)
                row.entry.settled = nil
            }
        case .hasten(let account, let recipient):
            for (number, row) in rows where row.entry.account == account.bare && row.entry.recipient == recipient && row.waits {
                rows[number]?.entry.nextAttempt = 0
            }
        case .learnt(let account, let limit):
            learnt[account.bare] = min(learnt[account.bare] ?? limit, limit)
        }
        return nil
    }

    private mutating func accept(_ message: OutboxMessage) -> Int64 {
        let key = Key(account: message.account.bare, id: message.id)
        if let known = numbers[key] { return known }
        last += 1
        var entry = OutboxEntry(number: last, message)
        entry.account = message.account.bare
        rows[last] = Row(entry: entry, payload: message.payload)
        numbers[key] = last
        return last
    }

    private mutating func update(_ number: Int64, where fits: (OutboxEntry) -> Bool, _ body: (inout Row) -> Void) {
        guard var row = rows[number], fits(row.entry) else { return }
        body(&row)
        rows[number] = row
    }

    func content(of number: Int64) -> OutboxContent? {
        rows[number].map { OutboxContent(payload: $0.payload, sealed: $0.sealed) }
    }

    func find(_ query: OutboxQuery) -> OutboxPage {
        let excluded = Set(query.excluding.prefix(OutboxQuery.exclusionLimit))
        let found = rows.values.map(\.entry).filter { entry in
            guard entry.number > query.after, query.account.map({ $0.bare == entry.account }) ?? true else { return false }
            guard query.recipient.map({ $0 == entry.recipient }) ?? true, !excluded.contains(entry.recipient) else { return false }
            return switch query.wish {
            case .due(let now): isDue(entry, now)
            case .expired(let now): entry.isOpen && entry.expires <= now
            case .states(let states): states.contains(entry.state)
            case .id(let id): entry.id == id
            case .number(let number): entry.number == number
            }
        }.sorted { $0.number < $1.number }
        let limit = max(1, query.limit)
        var page = OutboxPage(entries: Array(found.prefix(limit)), isLast: found.count <= limit)
        if case .due(let now) = query.wish {
            page.nextDue =
                rows.values.map(\.entry).filter { entry in
                    entry.isOpen && entry.nextAttempt > now && (query.account.map { $0.bare == entry.account } ?? true)
                }.map(\.nextAttempt).min()
        }
        return page
    }

    private func isDue(_ entry: OutboxEntry, _ now: Int64) -> Bool {
        guard entry.isOpen else { return false }
        if entry.expires <= now { return true }
        guard !Self.isLater(entry, now) else { return false }
        return !rows.values.contains { row in
            row.waits && row.entry.number < entry.number && row.entry.account == entry.account
                && row.entry.recipient == entry.recipient && Self.isLater(row.entry, now)
        }
    }

    private static func isLater(_ entry: OutboxEntry, _ now: Int64) -> Bool {
        entry.nextAttempt > now && entry.nextAttempt <= now + OutboxQuery.longestWait && entry.expires > now
    }

    func summary(account: Address, before: Int64) -> OutboxSummary {
        var summary = OutboxSummary(learntLimit: learnt[account])
        for entry in rows.values.map(\.entry) where entry.account == account {
            summary.counts[entry.state, default: 0] += 1
            summary.lastOrder = max(summary.lastOrder, entry.order ?? 0)
            guard entry.isOpen else { continue }
            summary.open += 1
            summary.oldest = min(summary.oldest ?? entry.accepted, entry.accepted)
            summary.firstExpiry = min(summary.firstExpiry ?? entry.expires, entry.expires)
            if entry.accepted < before { summary.late += 1 }
        }
        return summary
    }

    mutating func prune(_ rule: OutboxPruning) {
        for (number, row) in rows where !row.entry.isOpen {
            guard let settled = row.entry.settled else { continue }
            if settled < (row.entry.state == .dead ? rule.deadBefore : rule.settledBefore) {
                numbers[Key(account: row.entry.account, id: row.entry.id)] = nil
                rows[number] = nil
            } else if row.entry.state != .dead, settled < rule.contentBefore {
                rows[number]?.erase()
            }
        }
    }
}

extension MemoryOutboxTable.Row {
    /// Whether it holds up what comes after it for the same recipient.
    fileprivate var waits: Bool { entry.isOpen && entry.state != .sent }

    fileprivate mutating func erase() {
        payload = nil
        sealed = nil
        entry.sealedTime = nil
        entry.sealedSize = nil
    }

    fileprivate mutating func settle(_ state: OutboxEntry.State, _ at: Int64) {
        entry.state = state
        entry.settled = at
        entry.nextAttempt = 0
        erase()
    }
}
