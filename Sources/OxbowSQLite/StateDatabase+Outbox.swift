public import Delivery
import Foundation
import GRDB
public import XMPP

/// The outbox (R10): a row for what changes, one for the payload, one for the sealed bytes.
extension StateDatabase: OutboxStore {
    /// Looks entries up.
    public func find(_ query: OutboxQuery) async throws -> OutboxPage {
        let vault = vault
        return try await read { db in
            var search = OutboxSearch(query, vault)
            guard try search.prepare(db) else { return OutboxPage(entries: [], isLast: true) }
            let rows = try Row.fetchAll(db, sql: search.sql, arguments: search.arguments)
            let limit = search.limit
            var accounts: [Int64: Address] = [:]
            var entries: [OutboxEntry] = []
            for row in rows.prefix(limit) {
                let number: Int64 = row["account"]
                let account = try accounts[number] ?? Self.account(number, vault, db)
                accounts[number] = account
                entries.append(try Self.entry(row, account, vault))
            }
            return OutboxPage(entries: entries, isLast: rows.count <= limit, nextDue: try search.nextDue(db))
        }
    }

    /// What an entry holds; `nil` if there is none of that number.
    public func content(of number: Int64) async throws -> OutboxContent? {
        let vault = vault
        return try await read { db in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT payload, bytes, sealedTime, sealedSize FROM outbox
                    LEFT JOIN outboxPayload USING (number) LEFT JOIN outboxSealed USING (number) WHERE number = ?
                    """
            )
            guard let row = try Row.fetchOne(statement, arguments: [number]) else { return nil }
            let payload = try (row["payload"] as Data?).map { try vault.open($0, at: Self.payloadPlace(number)) }
            let bytes = try (row["bytes"] as Data?).map { try vault.open($0, at: Self.sealedPlace(number)) }
            var sealed: OutboxSealed?
            if let bytes, let time: Int64 = row["sealedTime"], let size: Int = row["sealedSize"] {
                sealed = OutboxSealed(bytes: Array(bytes), size: size, time: time)
            }
            return OutboxContent(payload: payload.map { Array($0) }, sealed: sealed)
        }
    }

    /// How an account stands.
    public func summary(account: Address, before: Int64) async throws -> OutboxSummary {
        let vault = vault
        return try await read { db in
            guard let number = try Self.known(account, vault, db) else { return OutboxSummary() }
            var summary = OutboxSummary()
            let counts = try Row.fetchAll(
                db,
                sql: "SELECT state, count(*) AS count, max(place) AS place FROM outbox WHERE account = ? GROUP BY state",
                arguments: [number]
            )
            for row in counts {
                summary.counts[try Self.choice(row["state"])] = row["count"]
                summary.lastOrder = max(summary.lastOrder, row["place"] ?? 0)
            }
            let open = try Row.fetchOne(
                db,
                sql: """
                    SELECT count(*) AS open, min(accepted) AS oldest, min(expires) AS firstExpiry, count(*) FILTER (WHERE accepted < ?) AS late
                    FROM outbox WHERE account = ? AND open = 1
                    """,
                arguments: [before, number]
            )
            if let open {
                summary.open = open["open"]
                summary.oldest = open["oldest"]
                summary.firstExpiry = open["firstExpiry"]
                summary.late = open["late"]
            }
            if let limit = try Self.memo(.stanzaLimit, account, vault, db) {
                summary.learntLimit = try Int(Self.integer((limit.first ?? nil) ?? ""))
            }
            return summary
        }
    }

    /// Erases and forgets what is of no more use.
    public func prune(_ rule: OutboxPruning) async throws {
        try await write { db in
            try db.execute(
                sql: "DELETE FROM outbox WHERE open = 0 AND settled < CASE state WHEN 'dead' THEN ? ELSE ? END",
                arguments: [rule.deadBefore, rule.settledBefore]
            )
            let done = "SELECT number FROM outbox WHERE open = 0 AND state <> 'dead' AND settled < ?"
            try db.execute(
                sql: """
                    DELETE FROM outboxPayload WHERE number IN (\(done));
                    DELETE FROM outboxSealed WHERE number IN (\(done));
                    UPDATE outbox SET sealedTime = NULL, sealedSize = NULL
                    WHERE open = 0 AND state <> 'dead' AND settled < ? AND sealedTime IS NOT NULL
                    """,
                arguments: [rule.contentBefore, rule.contentBefore, rule.contentBefore]
            )
        }
    }
}

extension StateDatabase {
    private static func aboutPlace(_ number: Int64) -> Vault.Place { Vault.Place("outbox", "about", row: number) }
    private static func wordsPlace(_ number: Int64) -> Vault.Place { Vault.Place("outbox", "words", row: number) }
    private static func payloadPlace(_ number: Int64) -> Vault.Place { Vault.Place("outboxPayload", "payload", row: number) }
    private static func sealedPlace(_ number: Int64) -> Vault.Place { Vault.Place("outboxSealed", "bytes", row: number) }

    private static func entry(_ row: Row, _ account: Address, _ vault: Vault) throws -> OutboxEntry {
        let number: Int64 = row["number"]
        let about = try Fields.unpacked(vault.open(row["about"], at: aboutPlace(number)))
        guard about.count == 3, let recipient = about[0], let id = about[1] else { throw Unreadable.value }
        var entry = OutboxEntry(
            number: number,
            OutboxMessage(
                account: account,
                recipient: try address(recipient),
                id: id,
                payload: [],
                thread: about[2],
                accepted: row["accepted"],
                expires: row["expires"] as Int64,
                needsReceipt: row["needsReceipt"]
            )
        )
        entry.state = try choice(row["state"])
        entry.attempts = row["attempts"]
        entry.nextAttempt = row["next"]
        if let kind: String = row["failure"] {
            let words = try (row["words"] as Data?).map { String(decoding: try vault.open($0, at: wordsPlace(number)), as: UTF8.self) }
            entry.failure = OutboxFailure(try choice(kind), words ?? "")
        }
        entry.order = row["place"]
        entry.sealedTime = row["sealedTime"]
        entry.sealedSize = row["sealedSize"]
        entry.settled = row["settled"]
        return entry
    }

    /// Applies a change; returns the number of a message that was accepted.
    static func apply(_ change: OutboxChange, _ vault: Vault, _ db: Database) throws -> Int64? {
        switch change {
        case .accept(let message):
            return try accept(message, vault, db)
        case .handed(let number, let sealed, let order):
            try db.cachedStatement(
                sql: "UPDATE outbox SET state = 'handed', place = coalesce(place, ?), next = 0 WHERE number = ? AND open = 1"
            ).execute(arguments: [order, number])
            guard let sealed, db.changesCount == 1 else { break }
            try db.cachedStatement(sql: "UPDATE outbox SET sealedTime = ?, sealedSize = ? WHERE number = ?")
                .execute(arguments: [sealed.time, sealed.size, number])
            try db.cachedStatement(sql: "INSERT OR REPLACE INTO outboxSealed (number, bytes) VALUES (?, ?)")
                .execute(arguments: [number, try vault.seal(sealed.bytes, at: sealedPlace(number))])
        case .sent(let number, let at, let retry):
            try db.cachedStatement(
                sql: """
                    UPDATE outbox SET state = 'sent', settled = ?, next = iif(needsReceipt, ?, 0), open = needsReceipt
                    WHERE number = ? AND state = 'handed'
                    """
            ).execute(arguments: [at, retry, number])
        case .delivered(let number, let at):
            try settle(number, .delivered, at, from: "(open = 1 OR state = 'sent')", vault, db)
        case .waiting(let number, let isHeld, let failure, let attempts, let until):
            try db.cachedStatement(
                sql: """
                    UPDATE outbox SET state = ?, failure = ?, words = ?, attempts = ?, next = ?, settled = NULL, open = 1
                    WHERE number = ? AND (open = 1 OR state = 'sent')
                    """
            ).execute(arguments: [
                isHeld ? "held" : "accepted", failure.kind.rawValue, try words(failure, number, vault), attempts, until, number,
            ])
        case .dead(let number, let failure, let at):
            try settle(number, .dead, at, from: "(open = 1 OR state = 'sent')", failure: failure, vault, db)
        case .withdrawn(let number, let at):
            try settle(number, .withdrawn, at, from: "(open = 1 OR state = 'dead')", vault, db)
        case .retry(let number, let expires):
            try db.cachedStatement(
                sql: """
                    UPDATE outbox SET state = 'accepted', attempts = 0, next = 0, expires = max(expires, ?), settled = NULL, open = 1
                    WHERE number = ? AND (open = 1 OR state = 'dead')
                    """
            ).execute(arguments: [expires, number])
        case .hasten(let account, let recipient):
            guard let account = try known(account, vault, db) else { break }
            try db.cachedStatement(
                sql: """
                    UPDATE outbox INDEXED BY outboxWaiting SET next = 0
                    WHERE account = ? AND recipient = ? AND open = 1 AND next > 0 AND state <> 'sent'
                    """
            ).execute(arguments: [account, recipientMark(recipient, vault)])
        case .learnt(let account, let limit):
            let known = try memo(.stanzaLimit, account, vault, db)?.first ?? nil
            let least = min(known.flatMap { Int($0) } ?? limit, limit)
            try setMemo(.stanzaLimit, account, ["\(least)"], vault, db)
        }
        return nil
    }

    private static func accept(_ message: OutboxMessage, _ vault: Vault, _ db: Database) throws -> Int64 {
        let account = try number(of: message.account, vault, db)
        let id = idMark(message.id, account, vault)
        let number = try next("outbox", db)
        try db.cachedStatement(
            sql: """
                INSERT INTO outbox (number, account, id, recipient, about, accepted, expires, needsReceipt) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (account, id) DO NOTHING
                """
        ).execute(arguments: [
            number, account, id, recipientMark(message.recipient, vault),
            try vault.seal(Fields.bytes([message.recipient.description, message.id, message.thread]), at: aboutPlace(number)),
            message.accepted, message.expires, message.needsReceipt,
        ])
        guard db.changesCount == 1 else {
            let statement = try db.cachedStatement(sql: "SELECT number FROM outbox WHERE account = ? AND id = ?")
            guard let known = try Int64.fetchOne(statement, arguments: [account, id]) else { throw Unreadable.value }
            return known
        }
        try db.cachedStatement(sql: "INSERT INTO outboxPayload (number, payload) VALUES (?, ?)")
            .execute(arguments: [number, try vault.seal(message.payload, at: payloadPlace(number))])
        return number
    }

    /// Ends an entry and erases its content, but for a dead letter's payload.
    private static func settle(
        _ number: Int64,
        _ state: OutboxEntry.State,
        _ at: Int64,
        from states: String,
        failure: OutboxFailure? = nil,
        _ vault: Vault,
        _ db: Database
    ) throws {
        try db.cachedStatement(
            sql: """
                UPDATE outbox SET state = ?, settled = ?, next = 0, open = 0, sealedTime = NULL, sealedSize = NULL,
                failure = coalesce(?, failure), words = coalesce(?, words) WHERE number = ? AND \(states)
                """
        ).execute(arguments: [
            state.rawValue, at, failure?.kind.rawValue, try failure.map { try words($0, number, vault) }, number,
        ])
        guard db.changesCount == 1 else { return }
        try db.cachedStatement(sql: "DELETE FROM outboxSealed WHERE number = ?").execute(arguments: [number])
        if state != .dead {
            try db.cachedStatement(sql: "DELETE FROM outboxPayload WHERE number = ?").execute(arguments: [number])
        }
    }

    private static func words(_ failure: OutboxFailure, _ number: Int64, _ vault: Vault) throws -> Data {
        try vault.seal(Data(failure.words.utf8), at: wordsPlace(number))
    }

    static func recipientMark(_ recipient: Address, _ vault: Vault) -> Data { vault.frequentMark("recipient", recipient.description) }
    static func idMark(_ id: String, _ account: Int64, _ vault: Vault) -> Data { vault.mark("id", "\(account)", id) }
}
