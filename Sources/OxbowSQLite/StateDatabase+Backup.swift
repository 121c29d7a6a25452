import Foundation
import GRDB

/// Backup while running, and restore.
extension StateDatabase {
    /// Writes a copy of all that is committed now into a new file, beside whatever else goes on.
    ///
    /// The copy is sealed as the database is. It doesn't hold the store key, but for one that is encrypted to an OpenPGP key.
    ///
    /// - Parameter target: A file that doesn't exist. It is there only once it is complete and on disk.
    public func backup(to target: String) async throws {
        try await Self.offThePool { [self] in
            do {
                guard StateFile.size(target) == nil else {
                    throw StoreError(.path, "\(target): exists already; give the backup another name")
                }
                let part = target + ".part"
                StateFile.remove(part)
                do {
                    try Self.copy(pool, to: part) { try Self.check($0, path: part) }
                    try StateFile.move(part, to: target)
                } catch {
                    StateFile.remove(part)
                    throw error
                }
                try KeyFile.syncDirectory(of: target)
            } catch {
                throw StoreError(error, path: target)
            }
        }
    }

    /// Puts a backup in the place of a database that nobody has open.
    ///
    /// What came before `now` counts as stale (R1): the backup can't know what was handled since. Sessions are not resumed. Messages of the
    /// outbox that were open in the backup go again, with their ids.
    ///
    /// - Returns: Where the database that was there has been moved to, if there was one.
    @discardableResult
    public static func restore(from backup: String, to path: String, now: Int64) async throws -> String? {
        try await offThePool {
            do {
                guard StateFile.size(backup) != nil else { throw StoreError(.path, "\(backup): is no file; give the backup's name") }
                let unfinished = StateFile.unfinished(path)
                StateFile.remove(unfinished)
                do {
                    var configuration = Configuration()
                    configuration.readonly = true
                    let source = try DatabaseQueue(path: backup, configuration: configuration)
                    try source.read { db in
                        try check(db, path: backup)
                        guard try db.tableExists("store"), try Int.fetchOne(db, sql: "SELECT count(*) FROM store") == 1 else {
                            throw StoreError(.foreign, "\(backup): is no backup of Oxbow's store")
                        }
                    }
                    try copy(source, to: unfinished) { db in
                        try db.execute(sql: "UPDATE store SET birth = ?", arguments: [now])
                        if try db.tableExists("memo") { try db.execute(sql: "DELETE FROM memo WHERE kind = 'resumption'") }
                    }
                    try source.close()
                } catch {
                    StateFile.remove(unfinished)
                    throw StoreError(error, path: backup)
                }
                return try replace(path, now: now, reason: "before-restore")
            } catch {
                throw StoreError(error, path: path)
            }
        }
    }

    /// Copies a database into a new file of one piece, and changes the copy.
    static func copy(_ source: any DatabaseReader, to target: String, _ change: (Database) throws -> Void) throws {
        try StateFile.prepare(target)
        let copy = try DatabaseQueue(path: target)
        try source.backup(to: copy)
        try copy.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL")
            try db.inTransaction {
                try change(db)
                return .commit
            }
        }
        try copy.close()
        try StateFile.sync(target)
    }

    /// Moves a database aside and puts the unfinished one in its place.
    static func replace(_ path: String, now: Int64, reason: String) throws -> String? {
        var aside: String?
        if StateFile.size(path) != nil {
            let name = freeName("\(path).\(reason)-\(stamp(now))")
            try StateFile.move(path, to: name)
            for suffix in ["-wal", "-shm"] where StateFile.size(path + suffix) != nil {
                try StateFile.move(path + suffix, to: name + suffix)
            }
            aside = name
        }
        try StateFile.move(StateFile.unfinished(path), to: path)
        try KeyFile.syncDirectory(of: path)
        return aside
    }

    static func freeName(_ name: String) -> String {
        guard StateFile.size(name) != nil else { return name }
        return (2...1000).lazy.map { "\(name)-\($0)" }.first { StateFile.size($0) == nil } ?? name + "-more"
    }

    /// A time as `20260131-235959`, in UTC.
    static func stamp(_ now: Int64) -> String {
        let text = Date(timeIntervalSince1970: TimeInterval(now)).formatted(.iso8601.dateSeparator(.omitted).timeSeparator(.omitted))
        return text.replacing("T", with: "-").replacing("Z", with: "")
    }
}
