import Foundation
import GRDB

/// The tables, in the order in which versions have added to them. A migration that was released is never changed.
enum Migrations {
    /// In the file's header (SQLite § 1.3.17): "OxBw".
    static let applicationID: Int64 = 0x4F78_4277

    /// - Parameters:
    ///   - birth: What the journal of a new database says about its age, in seconds since 1970.
    ///   - seal: The vault of a database that has none yet.
    static func migrator(birth: Int64, seal: NewSeal) -> DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 birth") { db in
            try db.execute(sql: "CREATE TABLE store (birth INTEGER NOT NULL) STRICT")
            try db.execute(sql: "INSERT INTO store (birth) VALUES (?)", arguments: [birth])
        }
        migrator.registerMigration("1 journal") { db in
            // AUTOINCREMENT: a number is never given twice, also after rows were forgotten.
            try db.execute(
                sql: """
                    CREATE TABLE journal (
                        number INTEGER PRIMARY KEY AUTOINCREMENT,
                        account TEXT NOT NULL,
                        hash TEXT NOT NULL,
                        stanza TEXT,
                        arrived INTEGER NOT NULL,
                        attempts INTEGER NOT NULL DEFAULT 0,
                        state TEXT NOT NULL,
                        UNIQUE (account, hash)
                    ) STRICT;
                    CREATE INDEX journalUnfinished ON journal (account, number) WHERE state = 'received';
                    CREATE INDEX journalArrived ON journal (arrived);
                    CREATE TABLE journalMark (
                        account TEXT NOT NULL,
                        signer TEXT NOT NULL,
                        mark TEXT NOT NULL,
                        number INTEGER NOT NULL REFERENCES journal (number) ON DELETE CASCADE,
                        PRIMARY KEY (account, signer, mark, number)
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX journalMarkNumber ON journalMark (number);
                    """
            )
        }
        migrator.registerMigration("1 pins") { db in
            try db.execute(
                sql: """
                    CREATE TABLE peer (
                        account TEXT NOT NULL,
                        peer TEXT NOT NULL,
                        lastRead INTEGER,
                        PRIMARY KEY (account, peer)
                    ) STRICT, WITHOUT ROWID;
                    CREATE TABLE pin (
                        account TEXT NOT NULL,
                        peer TEXT NOT NULL,
                        position INTEGER NOT NULL,
                        fingerprint TEXT NOT NULL,
                        standing TEXT NOT NULL,
                        source TEXT NOT NULL,
                        firstSeen INTEGER NOT NULL,
                        announced INTEGER NOT NULL,
                        PRIMARY KEY (account, peer, position),
                        FOREIGN KEY (account, peer) REFERENCES peer (account, peer) ON DELETE CASCADE
                    ) STRICT, WITHOUT ROWID;
                    CREATE TABLE ownKey (
                        account TEXT PRIMARY KEY,
                        fingerprint TEXT NOT NULL
                    ) STRICT, WITHOUT ROWID;
                    """
            )
        }
        migrator.registerMigration("1 sessions") { db in
            try db.execute(
                sql: """
                    CREATE TABLE loginPins (
                        account TEXT PRIMARY KEY,
                        scram INTEGER NOT NULL,
                        channelBinding INTEGER NOT NULL,
                        unlistedBindingFails INTEGER NOT NULL
                    ) STRICT, WITHOUT ROWID;
                    CREATE TABLE resumption (
                        account TEXT PRIMARY KEY,
                        id TEXT NOT NULL,
                        address TEXT NOT NULL,
                        location TEXT,
                        handled INTEGER NOT NULL,
                        capabilities TEXT
                    ) STRICT, WITHOUT ROWID;
                    """
            )
        }
        migrator.registerMigration("2 sealed") { db in try Sealing.migrate(db, seal) }
        migrator.registerMigration("3 notes") { db in
            // `key` is a mark; the key itself is sealed in `value`.
            try db.execute(
                sql: """
                    CREATE TABLE note (
                        number INTEGER PRIMARY KEY AUTOINCREMENT,
                        account INTEGER NOT NULL REFERENCES account (number),
                        key BLOB NOT NULL,
                        value BLOB NOT NULL,
                        UNIQUE (account, key)
                    ) STRICT
                    """
            )
        }
        return migrator
    }

    /// What a database is sealed with from the start.
    struct NewSeal: Sendable {
        let vault: Vault
        let salt: Data
        let wrapped: Data?
    }
}
