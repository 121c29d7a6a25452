import Delivery
import Foundation
import GRDB

/// An ``OutboxQuery`` as a statement.
struct OutboxSearch {
    private let query: OutboxQuery
    private let vault: Vault
    private var account: Int64?
    private var conditions: [String] = []
    private var values = StatementArguments()

    init(_ query: OutboxQuery, _ vault: Vault) {
        self.query = query
        self.vault = vault
    }

    var limit: Int { max(1, min(query.limit, 10_000)) }

    /// One more than is wanted says whether there are more.
    var sql: String { "SELECT o.* FROM outbox o WHERE \(conditions.joined(separator: " AND ")) ORDER BY o.number LIMIT \(limit + 1)" }
    var arguments: StatementArguments { values }

    private mutating func add(_ condition: String, _ arguments: StatementArguments) {
        conditions.append(condition)
        values += arguments
    }

    /// Returns `false` if there can't be anything.
    mutating func prepare(_ db: Database) throws -> Bool {
        if let wanted = query.account {
            guard let number = try StateDatabase.known(wanted, vault, db) else { return false }
            account = number
            add("o.account = ?", [number])
        }
        add("o.number > ?", [query.after])
        if let recipient = query.recipient { add("o.recipient = ?", [StateDatabase.recipientMark(recipient, vault)]) }
        for recipient in query.excluding.prefix(OutboxQuery.exclusionLimit) {
            add("o.recipient <> ?", [StateDatabase.recipientMark(recipient, vault)])
        }
        switch query.wish {
        case .due(let now):
            // What waits behind an earlier entry of its recipient isn't due. A wait that is too long is the clock's doing. Left to itself,
            // SQLite would look through all that wait (`outboxNext`) instead of the recipient's.
            let end = now + OutboxQuery.longestWait
            add(
                """
                o.open = 1 AND (o.expires <= ? OR ((o.next <= ? OR o.next > ?) AND NOT EXISTS (
                    SELECT 1 FROM outbox e INDEXED BY outboxWaiting
                    WHERE e.account = o.account AND e.recipient = o.recipient AND e.number < o.number
                    AND e.open = 1 AND e.next > 0 AND e.next > ? AND e.next <= ? AND e.expires > ? AND e.state <> 'sent'
                )))
                """,
                [now, now, end, now, end, now]
            )
        case .expired(let now): add("o.open = 1 AND o.expires <= ?", [now])
        case .states(let states):
            let names = states.map(\.rawValue).sorted()
            guard !names.isEmpty else { return false }
            // What is held is open: of these there are few, and an index has them.
            if states == [.held] { add("o.open = 1", []) }
            add("o.state IN (\(names.map { _ in "?" }.joined(separator: ", ")))", StatementArguments(names))
        case .id(let id):
            guard let account else { return false }
            add("o.id = ?", [StateDatabase.idMark(id, account, vault)])
        case .number(let number): add("o.number = ?", [number])
        }
        return true
    }

    /// When the next one that waits is due.
    func nextDue(_ db: Database) throws -> Int64? {
        guard case .due(let now) = query.wish else { return nil }
        if let account {
            return try Int64.fetchOne(
                db,
                sql: "SELECT min(next) FROM outbox WHERE account = ? AND open = 1 AND next > 0 AND next > ?",
                arguments: [account, now]
            )
        }
        return try Int64.fetchOne(db, sql: "SELECT min(next) FROM outbox WHERE open = 1 AND next > 0 AND next > ?", arguments: [now])
    }
}
