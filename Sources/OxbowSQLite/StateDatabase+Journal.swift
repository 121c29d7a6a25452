public import Delivery
import GRDB
public import XML
public import XMPP

/// The inbound journal and replay cache (R2). The stanza of an entry is kept until the entry is done.
extension StateDatabase: Journal {
    /// Records a stanza under (account, hash) unless that pair is already there.
    public func record(account: Address, hash: String, stanza: Element, arrived: Int64) async throws -> JournalVerdict {
        let text = stanza.serialized()
        return try await write { db in
            try db.cachedStatement(
                sql: """
                    INSERT INTO journal (account, hash, stanza, arrived, state) VALUES (?, ?, ?, ?, 'received')
                    ON CONFLICT (account, hash) DO NOTHING
                    """
            ).execute(arguments: [account.bare.description, hash, text, arrived])
            return db.changesCount == 1 ? .recorded(db.lastInsertedRowID) : .replay
        }
    }

    /// Whether another entry of this account carries one of the marks under the same signer.
    public func isRepeat(account: Address, signer: String, marks: Set<JournalMark>, besides number: Int64) async throws -> Bool {
        try await read { db in
            let statement = try db.cachedStatement(
                sql: "SELECT EXISTS (SELECT 1 FROM journalMark WHERE account = ? AND signer = ? AND mark = ? AND number <> ?)"
            )
            return try marks.contains { mark in
                try Bool.fetchOne(statement, arguments: [account.bare.description, signer, mark.text, number]) ?? false
            }
        }
    }

    /// Applies changes in one transaction. A change of an entry that isn't there, or no longer `received`, does nothing.
    public func commit(_ changes: [JournalChange]) async throws {
        guard !changes.isEmpty else { return }
        try await write { db in
            for change in changes { try Self.apply(change, db) }
        }
    }

    /// The entries of an account that are `received`, in order of arrival.
    public func unfinished(account: Address) async throws -> [JournalEntry] {
        try await read { db in
            let rows = try Row.fetchCursor(
                db,
                sql: "SELECT * FROM journal WHERE account = ? AND state = 'received' ORDER BY number",
                arguments: [account.bare.description]
            )
            var entries: [JournalEntry] = []
            while let row = try rows.next() {
                entries.append(
                    JournalEntry(
                        number: row["number"],
                        account: try Self.address(row["account"]),
                        hash: row["hash"],
                        stanza: try Self.element(row["stanza"] ?? ""),
                        arrived: row["arrived"],
                        attempts: row["attempts"],
                        state: try Self.choice(row["state"])
                    )
                )
            }
            return entries
        }
    }

    /// Forgets what arrived before a time and is not `received`.
    public func forget(before time: Int64) async throws {
        try await write { try $0.execute(sql: "DELETE FROM journal WHERE arrived < ? AND state <> 'received'", arguments: [time]) }
    }

    /// When the store was made, restored or repaired, in seconds since 1970.
    public func birth() async throws -> Int64 {
        try await read { db in
            guard let birth = try Int64.fetchOne(db, sql: "SELECT birth FROM store") else { throw Unreadable.value }
            return birth
        }
    }

    private static func apply(_ change: JournalChange, _ db: Database) throws {
        switch change {
        case .verified(let number, let signer, let marks):
            let statement = try db.cachedStatement(
                sql: """
                    INSERT INTO journalMark (account, signer, mark, number) SELECT account, ?, ?, number FROM journal WHERE number = ?
                    ON CONFLICT DO NOTHING
                    """
            )
            for mark in marks { try statement.execute(arguments: [signer, mark.text, number]) }
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
