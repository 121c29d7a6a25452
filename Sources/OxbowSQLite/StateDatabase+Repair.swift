import Foundation
import GRDB

/// What a repair has done.
public struct StoreRepair: Hashable, Sendable {
    /// How it went.
    public enum Outcome: Hashable, Sendable {
        /// Nothing was wrong; nothing was changed.
        case sound
        /// What could be read is in a new database.
        case salvaged
        /// Nothing could be read; the next start makes a new database.
        case startedAnew
    }
    /// How it went.
    public var outcome: Outcome
    /// Where the damaged database has been moved to.
    public var aside: String?
    /// How many rows are in the new database.
    public var kept = 0
    /// How many rows were found but could not be opened.
    public var unreadable = 0
}

/// The way out of damage, for an operator who asks for it.
extension StateDatabase {
    /// Reads all that a running database holds and opens every sealed value.
    ///
    /// - Throws: ``StoreError`` of code `damaged` if anything is not as it was written.
    public func verify() async throws {
        let vault = vault
        let path = path
        try await read { db in
            try Self.check(db, path: path)
            for table in Salvage.tables {
                let rows = try Row.fetchCursor(db, sql: "SELECT * FROM \(table.name)")
                while let row = try rows.next() {
                    guard Salvage.isReadable(row, of: table, vault) else {
                        throw StoreError.damaged(path, "a value in \(table.name) can't be opened")
                    }
                }
            }
        }
    }

    /// Moves a damaged database aside, which nobody may have open, and takes over into a new one what can still be read and opened.
    ///
    /// What came before `now` then counts as stale (R1), and sessions are not resumed.
    ///
    /// - Parameter key: Where the store key comes from; one that is wrapped must be unwrapped.
    public static func repair(path: String, now: Int64, key: StoreKeySource = .file) async throws -> StoreRepair {
        guard StateFile.size(path) != nil else { throw StoreError(.path, "\(path): is no file; there is nothing to repair") }
        try await offThePool { StateFile.remove(StateFile.unfinished(path)) }
        do {
            let database = try await open(path: path, now: now, key: key)
            let finding: Result<Void, any Error>
            do {
                finding = .success(try await database.verify())
            } catch {
                finding = .failure(error)
            }
            try await database.close()
            try finding.get()
            return StoreRepair(outcome: .sound)
        } catch let error as StoreError where error.code == .damaged {
            // On with it. Opening the file folds the log in, as far as it can be read: what is left of it is kept.
            try await offThePool { try keepLog(path, now: now) }
        }
        let source = try? await offThePool { try DatabaseQueue(path: path) }
        var seal: StoreSeal?
        if let source, let record = try? await offThePool({ try sealRecord(source, path) }) {
            seal = try await StoreSeal.establish(path: path, source: key, record: record)
        }
        let found = seal
        return try await offThePool {
            do {
                guard let source, let found else {
                    try? source?.close()
                    let aside = try moveAside(path, now: now)
                    return StoreRepair(outcome: .startedAnew, aside: aside)
                }
                var repair = try Salvage(seal: found, now: now).run(from: source, into: StateFile.unfinished(path))
                try? source.close()
                repair.aside = try replace(path, now: now, reason: "damaged")
                return repair
            } catch {
                StateFile.remove(StateFile.unfinished(path))
                throw StoreError(error, path: path)
            }
        }
    }

    private static func keepLog(_ path: String, now: Int64) throws {
        guard (StateFile.size(path + "-wal") ?? 0) > 0 else { return }
        try FileManager.default.copyItem(atPath: path + "-wal", toPath: freeName("\(path).damaged-\(stamp(now))-wal.copy"))
    }

    private static func moveAside(_ path: String, now: Int64) throws -> String {
        let name = freeName("\(path).damaged-\(stamp(now))")
        try StateFile.move(path, to: name)
        for suffix in ["-wal", "-shm"] where StateFile.size(path + suffix) != nil { try StateFile.move(path + suffix, to: name + suffix) }
        try KeyFile.syncDirectory(of: path)
        return name
    }
}
