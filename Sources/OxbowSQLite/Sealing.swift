import Foundation
import GRDB
import XML

/// The migration that seals everything stored (R17), and the outbox, which was never there without.
///
/// In the clear are numbers, times, states, sizes and counts. Names, addresses, ids, texts and content are sealed; what must be found by
/// them is found by a mark.
enum Sealing {
    static func migrate(_ db: Database, _ seal: Migrations.NewSeal) throws {
        try db.execute(sql: tables)
        try db.execute(
            sql: "INSERT INTO sealing (salt, proof, wrapped) VALUES (?, ?, ?)",
            arguments: [seal.salt, try seal.vault.seal(proof, at: proofPlace), seal.wrapped]
        )
        try moveJournal(db, seal.vault)
        try movePins(db, seal.vault)
        try moveSessions(db, seal.vault)
        // What is deleted is overwritten (`secure_delete`).
        try db.execute(
            sql: """
                DROP TABLE journalMark; DROP TABLE journal; DROP TABLE pin; DROP TABLE peer; DROP TABLE ownKey; DROP TABLE loginPins;
                DROP TABLE resumption;
                ALTER TABLE sealedJournal RENAME TO journal;
                ALTER TABLE sealedJournalMark RENAME TO journalMark;
                CREATE INDEX journalUnfinished ON journal (account, number) WHERE state = 'received';
                CREATE INDEX journalArrived ON journal (arrived);
                CREATE INDEX journalMarkNumber ON journalMark (number);
                """
        )
    }

    // MARK: proof

    private static let proof = Data("oxbow".utf8)
    private static let proofPlace = Vault.Place("sealing", "proof", row: 0)

    /// Whether a vault has the key of this database.
    static func fits(_ vault: Vault, _ proof: Data) -> Bool {
        (try? vault.open(proof, at: proofPlace)) == self.proof
    }

    // MARK: what was there before

    private static func moveJournal(_ db: Database, _ vault: Vault) throws {
        let rows = try Row.fetchCursor(db, sql: "SELECT * FROM journal ORDER BY number")
        while let row = try rows.next() {
            let number: Int64 = row["number"]
            let account = try StateDatabase.number(of: StateDatabase.address(row["account"]), vault, db)
            let hash: String = row["hash"]
            let stanza: String? = row["stanza"]
            try db.cachedStatement(
                sql: "INSERT INTO sealedJournal (number, account, hash, stanza, arrived, attempts, state) VALUES (?, ?, ?, ?, ?, ?, ?)"
            ).execute(arguments: [
                number, account, vault.mark("hash", "\(account)", hash),
                try stanza.map { try StateDatabase.sealed(hash: hash, stanza: $0, number: number, vault) }, row["arrived"] as Int64,
                row["attempts"] as Int64, row["state"] as String,
            ])
        }
        let marks = try Row.fetchCursor(db, sql: "SELECT * FROM journalMark")
        while let row = try marks.next() {
            let account = try StateDatabase.number(of: StateDatabase.address(row["account"]), vault, db)
            try db.cachedStatement(sql: "INSERT INTO sealedJournalMark (mark, number) VALUES (?, ?)")
                .execute(arguments: [vault.mark("once", "\(account)", row["signer"], row["mark"]), row["number"] as Int64])
        }
        // Numbers are given once, also those of rows that have been forgotten.
        try db.execute(
            sql: """
                DELETE FROM sqlite_sequence WHERE name = 'sealedJournal';
                INSERT INTO sqlite_sequence (name, seq) SELECT 'sealedJournal', seq FROM sqlite_sequence WHERE name = 'journal'
                """
        )
    }

    private static func movePins(_ db: Database, _ vault: Vault) throws {
        for row in try Row.fetchAll(db, sql: "SELECT * FROM peer") {
            let (account, peer): (String, String) = (row["account"], row["peer"])
            var fields: [String?] = [peer, (row["lastRead"] as Int64?).map(String.init)]
            let pins = try Row.fetchAll(
                db,
                sql: "SELECT * FROM pin WHERE account = ? AND peer = ? ORDER BY position",
                arguments: [account, peer]
            )
            for pin in pins {
                fields += [
                    pin["fingerprint"], pin["standing"], pin["source"], "\(pin["firstSeen"] as Int64)", "\(pin["announced"] as Int64)",
                ]
            }
            try StateDatabase.setMemo(.peer, StateDatabase.address(account), name: peer, fields, vault, db)
        }
        for row in try Row.fetchAll(db, sql: "SELECT * FROM ownKey") {
            try StateDatabase.setMemo(.ownKey, StateDatabase.address(row["account"]), [row["fingerprint"]], vault, db)
        }
    }

    private static func moveSessions(_ db: Database, _ vault: Vault) throws {
        for row in try Row.fetchAll(db, sql: "SELECT * FROM loginPins") {
            let fields = ["scram", "channelBinding", "unlistedBindingFails"].map { "\(row[$0] as Int64)" as String? }
            try StateDatabase.setMemo(.login, StateDatabase.address(row["account"]), fields, vault, db)
        }
        for row in try Row.fetchAll(db, sql: "SELECT * FROM resumption") {
            let fields: [String?] = [row["id"], row["address"], row["location"], "\(row["handled"] as Int64)", row["capabilities"]]
            try StateDatabase.setMemo(.resumption, StateDatabase.address(row["account"]), fields, vault, db)
        }
    }

    // MARK: tables

    private static let tables = """
        CREATE TABLE sealing (salt BLOB NOT NULL, proof BLOB NOT NULL, wrapped BLOB) STRICT;
        CREATE TABLE account (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            mark BLOB NOT NULL UNIQUE,
            name BLOB NOT NULL
        ) STRICT;
        CREATE TABLE memo (
            account INTEGER NOT NULL REFERENCES account (number),
            kind TEXT NOT NULL,
            name BLOB NOT NULL,
            value BLOB NOT NULL,
            PRIMARY KEY (account, kind, name)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE sealedJournal (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            account INTEGER NOT NULL REFERENCES account (number),
            hash BLOB NOT NULL,
            stanza BLOB,
            arrived INTEGER NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            state TEXT NOT NULL,
            UNIQUE (account, hash)
        ) STRICT;
        CREATE TABLE sealedJournalMark (
            mark BLOB NOT NULL,
            number INTEGER NOT NULL REFERENCES sealedJournal (number) ON DELETE CASCADE,
            PRIMARY KEY (mark, number)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE outbox (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            account INTEGER NOT NULL REFERENCES account (number),
            id BLOB NOT NULL,
            recipient BLOB NOT NULL,
            about BLOB NOT NULL,
            accepted INTEGER NOT NULL,
            expires INTEGER NOT NULL,
            needsReceipt INTEGER NOT NULL,
            state TEXT NOT NULL DEFAULT 'accepted',
            open INTEGER NOT NULL DEFAULT 1,
            attempts INTEGER NOT NULL DEFAULT 0,
            next INTEGER NOT NULL DEFAULT 0,
            failure TEXT,
            words BLOB,
            place INTEGER,
            sealedTime INTEGER,
            sealedSize INTEGER,
            settled INTEGER,
            UNIQUE (account, id)
        ) STRICT;
        CREATE INDEX outboxOpen ON outbox (account, number, recipient) WHERE open = 1;
        CREATE INDEX outboxWaiting ON outbox (account, recipient, number, next) WHERE open = 1 AND next > 0;
        CREATE INDEX outboxNext ON outbox (account, next) WHERE open = 1 AND next > 0;
        CREATE INDEX outboxSettled ON outbox (settled) WHERE settled IS NOT NULL;
        CREATE TABLE outboxPayload (
            number INTEGER PRIMARY KEY REFERENCES outbox (number) ON DELETE CASCADE,
            payload BLOB NOT NULL
        ) STRICT;
        CREATE TABLE outboxSealed (
            number INTEGER PRIMARY KEY REFERENCES outbox (number) ON DELETE CASCADE,
            bytes BLOB NOT NULL
        ) STRICT;
        """
}
