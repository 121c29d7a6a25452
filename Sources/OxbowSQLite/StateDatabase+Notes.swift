public import Delivery
import Foundation
import GRDB
public import XMPP

/// What other parts of the process remember: bytes under a key, of an account. The key is only a mark, and sealed with the value.
extension StateDatabase: NoteStore {
    /// All notes of an account, by key.
    public func notes(of account: Address) async throws -> [String: [UInt8]] {
        let vault = vault
        return try await read { db in
            guard let reference = try Self.known(account, vault, db) else { return [:] }
            let rows = try Row.fetchCursor(db, sql: "SELECT number, key, value FROM note WHERE account = ?", arguments: [reference])
            var notes: [String: [UInt8]] = [:]
            while let row = try rows.next() {
                let (key, bytes) = try Self.unpacked(vault.open(row["value"], at: Self.notePlace(row["number"])))
                // A value that was put into another row's place would open there only if that row had its number.
                guard row["key"] as Data == Self.noteMark(key, vault) else { throw Unreadable.value }
                notes[key] = bytes
            }
            return notes
        }
    }

    /// Refuses what is too long before any of the batch is written.
    func checkNotes(_ changes: [Change]) throws {
        for case .note(let key, let bytes, _) in changes {
            guard key.utf8.count <= Change.noteKeyLimit, bytes?.count ?? 0 <= Change.noteLimit else {
                throw StoreError(.tooBig, "\(path): a note of \(bytes?.count ?? 0) bytes is more than is taken")
            }
        }
    }

    private static func notePlace(_ number: Int64) -> Vault.Place { Vault.Place("note", "value", row: number) }
    private static func noteMark(_ key: String, _ vault: Vault) -> Data { vault.mark("note", key) }

    /// Remembers, or with `nil` forgets.
    static func setNote(_ key: String, _ bytes: [UInt8]?, _ account: Address, _ vault: Vault, _ db: Database) throws {
        let mark = noteMark(key, vault)
        guard let bytes else {
            guard let account = try known(account, vault, db) else { return }
            return try db.cachedStatement(sql: "DELETE FROM note WHERE account = ? AND key = ?").execute(arguments: [account, mark])
        }
        let account = try number(of: account, vault, db)
        let find = try db.cachedStatement(sql: "SELECT number FROM note WHERE account = ? AND key = ?")
        let content = packed(key, bytes)
        if let number = try Int64.fetchOne(find, arguments: [account, mark]) {
            try db.cachedStatement(sql: "UPDATE note SET value = ? WHERE number = ?")
                .execute(arguments: [try vault.seal(content, at: notePlace(number)), number])
        } else {
            let number = try next("note", db)
            try db.cachedStatement(sql: "INSERT INTO note (number, account, key, value) VALUES (?, ?, ?, ?)")
                .execute(arguments: [number, account, mark, try vault.seal(content, at: notePlace(number))])
        }
    }

    /// Key and value, the key with its length before it.
    private static func packed(_ key: String, _ bytes: [UInt8]) -> Data {
        var data = Fields.packed([key])
        data.append(contentsOf: bytes)
        return data
    }

    private static func unpacked(_ data: Data) throws -> (key: String, bytes: [UInt8]) {
        let head = 4
        guard data.count >= head else { throw Unreadable.value }
        let length = data.prefix(head).reduce(0) { $0 << 8 | Int($1) }
        guard length <= Change.noteKeyLimit, data.count >= head + length else { throw Unreadable.value }
        guard let key = String(validating: data.dropFirst(head).prefix(length), as: UTF8.self) else { throw Unreadable.value }
        return (key, Array(data.dropFirst(head + length)))
    }
}
