import Foundation
import GRDB

/// Takes over from a damaged database what can be read and opened.
struct Salvage {
    /// A table, its columns, and where its sealed values are.
    struct Table: Sendable {
        let name: String
        let columns: [String]
        /// The sealed columns, and what they are bound to.
        let sealed: [String]
        /// The table that a row's `number` must be in.
        var parent: String?
        var hasRowID = true
    }

    static let tables: [Table] = [
        Table(name: "account", columns: ["number", "mark", "name"], sealed: ["name"]),
        Table(name: "memo", columns: ["account", "kind", "name", "value"], sealed: ["value"], hasRowID: false),
        Table(
            name: "journal",
            columns: ["number", "account", "hash", "stanza", "arrived", "attempts", "state"],
            sealed: ["stanza"]
        ),
        Table(name: "journalMark", columns: ["mark", "number"], sealed: [], parent: "journal", hasRowID: false),
        Table(
            name: "outbox",
            columns: [
                "number", "account", "id", "recipient", "about", "accepted", "expires", "needsReceipt", "state", "open", "attempts", "next",
                "failure", "words", "place", "sealedTime", "sealedSize", "settled",
            ],
            sealed: ["about", "words"]
        ),
        Table(name: "outboxPayload", columns: ["number", "payload"], sealed: ["payload"], parent: "outbox"),
        Table(name: "outboxSealed", columns: ["number", "bytes"], sealed: ["bytes"], parent: "outbox"),
        Table(name: "note", columns: ["number", "account", "key", "value"], sealed: ["value"]),
    ]

    let seal: StoreSeal
    let now: Int64

    /// Whether every sealed value of a row opens.
    static func isReadable(_ row: Row, of table: Table, _ vault: Vault) -> Bool {
        table.sealed.allSatisfy { column in
            guard let value = Data.fromDatabaseValue(row[column]) else { return (row[column] as DatabaseValue).isNull }
            let place: Vault.Place
            if table.name == "memo" {
                guard let account = Int64.fromDatabaseValue(row["account"]), let kind = String.fromDatabaseValue(row["kind"]),
                    let name = Data.fromDatabaseValue(row["name"])
                else { return false }
                place = Vault.Place("memo", kind, key: withUnsafeBytes(of: account.bigEndian) { Data($0) } + name)
            } else {
                guard let number = Int64.fromDatabaseValue(row["number"]) else { return false }
                place = Vault.Place(table.name, column, row: number)
            }
            return (try? vault.open(value, at: place)) != nil
        }
    }

    func run(from source: DatabaseQueue, into target: String) throws -> StoreRepair {
        try StateFile.prepare(target)
        let copy = try DatabaseQueue(path: target)
        let new = Migrations.NewSeal(vault: seal.vault, salt: seal.salt, wrapped: seal.wrapped)
        try Migrations.migrator(birth: now, seal: new).migrate(copy)
        var repair = StoreRepair(outcome: .salvaged)
        try copy.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA application_id = \(Migrations.applicationID); PRAGMA foreign_keys = OFF")
            try db.inTransaction {
                for table in Self.tables { try take(table, from: source, into: db, &repair) }
                for table in Self.tables {
                    if let parent = table.parent {
                        try db.execute(sql: "DELETE FROM \(table.name) WHERE number NOT IN (SELECT number FROM \(parent))")
                    } else if table.columns.contains("account") {
                        try db.execute(sql: "DELETE FROM \(table.name) WHERE account NOT IN (SELECT number FROM account)")
                    }
                }
                try db.execute(sql: "DELETE FROM memo WHERE kind = 'resumption'")
                repair.kept = try Self.tables.reduce(0) { try $0 + (Int.fetchOne(db, sql: "SELECT count(*) FROM \($1.name)") ?? 0) }
                return .commit
            }
        }
        try copy.close()
        try StateFile.sync(target)
        return repair
    }

    /// From the front up to where it breaks, then from the end.
    private func take(_ table: Table, from source: DatabaseQueue, into db: Database, _ repair: inout StoreRepair) throws {
        let key = table.hasRowID ? "rowid" : table.columns.prefix(3).joined(separator: ", ")
        let back = table.hasRowID ? "rowid DESC" : table.columns.prefix(3).map { $0 + " DESC" }.joined(separator: ", ")
        let list = table.columns.joined(separator: ", ")
        let marks = table.columns.map { _ in "?" }.joined(separator: ", ")
        let statement = try db.makeStatement(sql: "INSERT OR IGNORE INTO \(table.name) (\(list)) VALUES (\(marks))")
        var unreadable = 0
        for order in [key, back] {
            var bad = 0
            // The whole table is read without its indexes, which may be what is damaged; a row that is there twice is ignored.
            try source.readUntilError("SELECT \(list) FROM \(table.name) NOT INDEXED ORDER BY \(order)") { row in
                guard Self.isReadable(row, of: table, seal.vault) else {
                    bad += 1
                    return
                }
                do {
                    try statement.execute(arguments: StatementArguments(table.columns.map { row[$0] as DatabaseValue }))
                } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
                    bad += 1
                }
            }
            unreadable = max(unreadable, bad)
        }
        repair.unreadable += unreadable
    }
}

extension DatabaseQueue {
    /// The rows of a query up to the first error in reading them.
    fileprivate func readUntilError(_ sql: String, _ body: (Row) throws -> Void) throws {
        var failure: (any Error)?
        try? unsafeRead { db in
            let cursor = try Row.fetchCursor(db, sql: sql)
            while failure == nil, let row = try cursor.next() {
                do {
                    try body(row)
                } catch {
                    failure = error
                }
            }
        }
        if let failure { throw failure }
    }
}
