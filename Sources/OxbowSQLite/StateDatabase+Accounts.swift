import Foundation
import GRDB
import XMPP

/// Accounts have numbers in here; their names are sealed.
extension StateDatabase {
    /// An account's number, if anything is known of it.
    static func known(_ account: Address, _ vault: Vault, _ db: Database) throws -> Int64? {
        let statement = try db.cachedStatement(sql: "SELECT number FROM account WHERE mark = ?")
        return try Int64.fetchOne(statement, arguments: [vault.frequentMark("account", account.bare.description)])
    }

    /// An account's number.
    static func number(of account: Address, _ vault: Vault, _ db: Database) throws -> Int64 {
        if let known = try known(account, vault, db) { return known }
        let name = account.bare.description
        let number = try next("account", db)
        try db.execute(
            sql: "INSERT INTO account (number, mark, name) VALUES (?, ?, ?)",
            arguments: [
                number, vault.mark("account", name), try vault.seal(Data(name.utf8), at: Vault.Place("account", "name", row: number)),
            ]
        )
        return number
    }

    /// The name of an account's number.
    static func account(_ number: Int64, _ vault: Vault, _ db: Database) throws -> Address {
        let statement = try db.cachedStatement(sql: "SELECT name FROM account WHERE number = ?")
        guard let sealed = try Data.fetchOne(statement, arguments: [number]) else { throw Unreadable.value }
        return try address(String(decoding: vault.open(sealed, at: Vault.Place("account", "name", row: number)), as: UTF8.self))
    }

    /// The number that the next row of a table gets: what is sealed is bound to it. A number is never given twice.
    static func next(_ table: String, _ db: Database) throws -> Int64 {
        let statement = try db.cachedStatement(sql: "SELECT seq FROM sqlite_sequence WHERE name = ?")
        return try (Int64.fetchOne(statement, arguments: [table]) ?? 0) + 1
    }
}

/// Small things, each under an account, a kind and a name. The name is only a mark, the value is sealed.
extension StateDatabase {
    /// What is remembered; the kinds are in the file, so their names never change.
    enum MemoKind: String {
        case peer, ownKey, login, resumption, stanzaLimit, archive, gateway, introduced
    }

    private static func place(_ kind: MemoKind, _ account: Int64, _ name: Data) -> Vault.Place {
        Vault.Place("memo", kind.rawValue, key: withUnsafeBytes(of: account.bigEndian) { Data($0) } + name)
    }

    private static func mark(_ kind: MemoKind, _ name: String, _ vault: Vault) -> Data {
        vault.mark("memo", kind.rawValue, name)
    }

    static func memo(_ kind: MemoKind, _ account: Address, name: String = "", _ vault: Vault, _ db: Database) throws -> [String?]? {
        guard let number = try known(account, vault, db) else { return nil }
        let mark = mark(kind, name, vault)
        let statement = try db.cachedStatement(sql: "SELECT value FROM memo WHERE account = ? AND kind = ? AND name = ?")
        guard let value = try Data.fetchOne(statement, arguments: [number, kind.rawValue, mark]) else { return nil }
        return try Fields.unpacked(vault.open(value, at: place(kind, number, mark)))
    }

    /// All of a kind.
    static func memos(_ kind: MemoKind, _ account: Address, _ vault: Vault, _ db: Database) throws -> [[String?]] {
        guard let number = try known(account, vault, db) else { return [] }
        let rows = try Row.fetchAll(
            db,
            sql: "SELECT name, value FROM memo WHERE account = ? AND kind = ?",
            arguments: [number, kind.rawValue]
        )
        return try rows.map { row in
            try Fields.unpacked(vault.open(row["value"], at: place(kind, number, row["name"])))
        }
    }

    /// Remembers, or with `nil` forgets.
    static func setMemo(
        _ kind: MemoKind,
        _ account: Address,
        name: String = "",
        _ fields: [String?]?,
        _ vault: Vault,
        _ db: Database
    ) throws {
        let mark = mark(kind, name, vault)
        guard let fields else {
            guard let number = try known(account, vault, db) else { return }
            return try db.cachedStatement(sql: "DELETE FROM memo WHERE account = ? AND kind = ? AND name = ?")
                .execute(arguments: [number, kind.rawValue, mark])
        }
        let number = try number(of: account, vault, db)
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO memo (account, kind, name, value) VALUES (?, ?, ?, ?)")
            .execute(arguments: [
                number, kind.rawValue, mark, try vault.seal(Fields.packed(fields), at: place(kind, number, mark)),
            ])
    }
}
