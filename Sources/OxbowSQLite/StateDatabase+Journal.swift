public import Delivery
import Foundation
import GRDB
import XML
public import XMPP

/// The inbound journal and replay cache (R2). The stanza of an entry is kept until the entry is done.
extension StateDatabase: Journal {
    /// Whether another entry of this account carries one of the marks under the same signer.
    public func isRepeat(account: Address, signer: String, marks: Set<JournalMark>, besides number: Int64) async throws -> Bool {
        let vault = vault
        return try await read { db in
            guard let account = try Self.known(account, vault, db) else { return false }
            let statement = try db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM journalMark WHERE mark = ? AND number <> ?)")
            return try marks.contains { mark in
                try Bool.fetchOne(statement, arguments: [vault.mark("once", "\(account)", signer, mark.text), number]) ?? false
            }
        }
    }

    /// Applies changes in one transaction. A change of an entry that isn't there, or no longer `received`, does nothing.
    public func commit(_ changes: [JournalChange]) async throws {
        try await commit(changes.map(Change.journal))
    }

    /// The entries of an account that are `received`, in order of arrival.
    public func unfinished(account: Address) async throws -> [JournalEntry] {
        try await unfinished(account: account, after: 0, limit: .max)
    }

    /// The same by pages.
    public func unfinished(account: Address, after: Int64, limit: Int) async throws -> [JournalEntry] {
        do {
            return try await findings(account: account, after: after, limit: limit).map { finding in
                guard case .entry(let entry) = finding else { throw Unreadable.value }
                return entry
            }
        } catch let error as Unreadable {
            throw StoreError(error, path: path)
        }
    }

    /// The same, where a row that is damaged hides only itself.
    public func findings(account: Address, after: Int64, limit: Int) async throws -> [JournalFinding] {
        let vault = vault
        return try await read { db in
            guard let reference = try Self.known(account, vault, db) else { return [] }
            let rows = try Row.fetchCursor(
                db,
                sql: "SELECT * FROM journal WHERE account = ? AND state = 'received' AND number > ? ORDER BY number LIMIT ?",
                arguments: [reference, after, limit]
            )
            var findings: [JournalFinding] = []
            while let row = try rows.next() {
                do {
                    findings.append(.entry(try Self.entry(row, account.bare, vault)))
                } catch is Unreadable {
                    findings.append(.damaged(row["number"]))
                }
            }
            return findings
        }
    }

    private static func entry(_ row: Row, _ account: Address, _ vault: Vault) throws -> JournalEntry {
        let number: Int64 = row["number"]
        let fields = try Fields.unpacked(vault.open(row["stanza"] ?? Data(), at: stanzaPlace(number)))
        guard fields.count == 2, let hash = fields[0], let stanza = fields[1] else { throw Unreadable.value }
        return JournalEntry(
            number: number,
            account: account,
            hash: hash,
            stanza: try element(stanza),
            arrived: row["arrived"],
            attempts: row["attempts"],
            state: try choice(row["state"])
        )
    }

    /// How many entries of an account are `received`.
    public func unfinishedCount(account: Address) async throws -> Int {
        let vault = vault
        return try await read { db in
            guard let reference = try Self.known(account, vault, db) else { return 0 }
            let statement = try db.cachedStatement(sql: "SELECT count(*) FROM journal WHERE account = ? AND state = 'received'")
            return try Int.fetchOne(statement, arguments: [reference]) ?? 0
        }
    }

    /// Forgets what arrived for an account before a time and is not `received`.
    public func forget(before time: Int64, account: Address) async throws {
        try await write { [vault] db in
            guard let number = try Self.known(account, vault, db) else { return }
            try db.execute(
                sql: "DELETE FROM journal WHERE arrived < ? AND account = ? AND state <> 'received'",
                arguments: [time, number]
            )
        }
    }

    /// When the store was made, restored or repaired, in seconds since 1970.
    public func birth() async throws -> Int64 {
        try await read { db in
            guard let birth = try Int64.fetchOne(db, sql: "SELECT birth FROM store") else { throw Unreadable.value }
            return birth
        }
    }
}

extension StateDatabase {
    private static func stanzaPlace(_ number: Int64) -> Vault.Place { Vault.Place("journal", "stanza", row: number) }

    static func sealed(hash: String, stanza: String, number: Int64, _ vault: Vault) throws -> Data {
        try vault.seal(Fields.packed([hash, stanza]), at: stanzaPlace(number))
    }

    static func record(
        _ account: Address,
        _ hash: String,
        _ stanza: String,
        _ arrived: Int64,
        _ vault: Vault,
        _ db: Database
    ) throws -> JournalVerdict {
        let account = try number(of: account, vault, db)
        let number = try next("journal", db)
        try db.cachedStatement(
            sql: """
                INSERT INTO journal (number, account, hash, stanza, arrived, state) VALUES (?, ?, ?, ?, ?, 'received')
                ON CONFLICT (account, hash) DO NOTHING
                """
        ).execute(arguments: [
            number, account, vault.mark("hash", "\(account)", hash), try sealed(hash: hash, stanza: stanza, number: number, vault), arrived,
        ])
        return db.changesCount == 1 ? .recorded(number) : .replay
    }

    static func apply(_ change: JournalChange, _ vault: Vault, _ db: Database) throws {
        switch change {
        case .verified(let number, let signer, let marks):
            let known = try db.cachedStatement(sql: "SELECT account FROM journal WHERE number = ?")
            guard let account = try Int64.fetchOne(known, arguments: [number]) else { return }
            let statement = try db.cachedStatement(sql: "INSERT INTO journalMark (mark, number) VALUES (?, ?) ON CONFLICT DO NOTHING")
            for mark in marks {
                try statement.execute(arguments: [vault.mark("once", "\(account)", signer, mark.text), number])
            }
        case .attempted(let number):
            try db.cachedStatement(sql: "UPDATE journal SET attempts = attempts + 1 WHERE number = ? AND state = 'received'")
                .execute(arguments: [number])
        case .done(let number):
            // The ciphertext is of no more use; hash and marks stay, so that a replay is seen.
            try db.cachedStatement(sql: "UPDATE journal SET state = 'done', stanza = NULL WHERE number = ? AND state = 'received'")
                .execute(arguments: [number])
        case .dead(let number):
            try db.cachedStatement(sql: "UPDATE journal SET state = 'dead' WHERE number = ? AND state = 'received'")
                .execute(arguments: [number])
        }
    }
}
