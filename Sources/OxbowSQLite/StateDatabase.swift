import Dispatch
import Foundation
import GRDB

/// The one file in which Oxbow keeps what it must not forget: journal, outbox, pins, sessions.
///
/// Everything stored but numbers, times, states and sizes is sealed with AES-256-GCM under a store key (R17).
/// SQLite in WAL mode with `synchronous = FULL`: what a call has written survives a power cut once the call has returned. Deleted content
/// is overwritten. The file and those beside it (`-wal`, `-shm`) are readable by their owner only. One process has it open at a time; the
/// lock on the state directory (R14) sees to that.
public final class StateDatabase: Sendable {
    /// The file.
    public let path: String

    let pool: DatabasePool
    let writes: GroupCommit
    let vault: Vault

    private init(path: String, pool: DatabasePool, vault: Vault) {
        self.path = path
        self.pool = pool
        self.vault = vault
        writes = GroupCommit(pool)
    }

    /// Opens the database and makes it if there is none: checks the file, then brings its tables up to date.
    ///
    /// - Parameters:
    ///   - path: The file; its directory must exist.
    ///   - now: Seconds since 1970; the birth of a new journal (R1).
    ///   - patience: How long to wait for another process's lock.
    ///   - key: Where the store key comes from (R17).
    /// - Throws: ``StoreError`` with any code but `closed`.
    public static func open(
        path: String,
        now: Int64,
        patience: Duration = .seconds(5),
        key: StoreKeySource = .file
    ) async throws -> StateDatabase {
        let pool = try await offThePool { try checkedPool(path, patience) }
        do {
            let seal = try await StoreSeal.establish(path: path, source: key, record: offThePool { try sealRecord(pool, path) })
            return try await offThePool {
                try migrate(pool, path: path, now: now, seal)
                if seal.isLeavingFile { KeyFile.remove(keyFile(of: path)) }
                return StateDatabase(path: path, pool: pool, vault: seal.vault)
            }
        } catch {
            try? await offThePool { try pool.close() }
            throw StoreError(error, path: path)
        }
    }

    /// Where the store key of a database lies with ``StoreKeySource/file``.
    public static func keyFile(of path: String) -> String { path + ".key" }

    /// How many transactions, hence fsyncs, callers have caused so far; for measurements.
    public var transactionCount: Int { writes.batches }

    /// Ends all connections after what was begun, with everything in the one file. Later calls throw `closed`.
    public func close() async throws {
        try await Self.offThePool { [self] in
            do {
                // Left to itself, the log would stay beside the database: the readers, closed last, can't fold it in. Nothing is lost
                // if this fails: the next start reads the log.
                _ = try? pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
                try pool.close()
            } catch {
                throw StoreError(error, path: path)
            }
        }
    }

    /// Says that the content was restored from a backup or repaired: messages older than `now` then count as stale (R1), since the
    /// journal may have lost that they were handled.
    public func renewBirth(now: Int64) async throws {
        try await write { try $0.execute(sql: "UPDATE store SET birth = ?", arguments: [now]) }
    }

    /// Runs a blocking call on a thread that isn't one of Swift concurrency's.
    static func offThePool<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
        }
    }
}

extension StateDatabase {
    /// Reads a consistent state, beside a write that may be going on.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await pool.read(body)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw StoreError(error, path: path)
        }
    }

    /// Writes, and returns when it is on disk.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await writes.write(body)
        } catch {
            throw StoreError(error, path: path)
        }
    }

    private static func checkedPool(_ path: String, _ patience: Duration) throws -> DatabasePool {
        do {
            try StateFile.refuseUnfinished(path)
            try StateFile.prepare(path)
            if let damage = try WriteAheadLog.damage(path + "-wal") { throw StoreError.damaged(path, damage) }
            var configuration = Configuration()
            configuration.label = "oxbow.state"
            configuration.maximumReaderCount = 3
            configuration.busyMode = .timeout(Double(patience.components.seconds) + Double(patience.components.attoseconds) / 1e18)
            configuration.prepareDatabase { db in
                try db.execute(sql: "PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")
            }
            let pool = try DatabasePool(path: path, configuration: configuration)
            // GRDB has set NORMAL while opening, which a kill survives but a power cut doesn't.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            try pool.read { try check($0, path: path) }
            return pool
        } catch {
            throw StoreError(error, path: path)
        }
    }

    /// How the database is sealed; `nil` if it isn't yet.
    static func sealRecord(_ reader: any DatabaseReader, _ path: String) throws -> StoreSeal.Record? {
        try reader.read { db in
            guard try db.tableExists("sealing") else { return nil }
            guard let row = try Row.fetchOne(db, sql: "SELECT * FROM sealing") else {
                throw StoreError.damaged(path, "how it is sealed is missing")
            }
            return StoreSeal.Record(salt: row["salt"], proof: row["proof"], wrapped: row["wrapped"])
        }
    }

    /// All of it, indexes included: through a damaged index a replay could pass unseen. Stanzas leave the file when they are done with, so it
    /// stays small enough to be read at each start.
    static func check(_ db: Database, path: String) throws {
        let findings = try String.fetchAll(db, sql: "PRAGMA integrity_check(1)")
        guard findings == ["ok"] else { throw StoreError.damaged(path, "its integrity check failed") }
        guard try Row.fetchCursor(db, sql: "PRAGMA foreign_key_check").next() == nil else {
            throw StoreError.damaged(path, "its references don't fit together")
        }
        let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") == 0
        guard try isEmpty || Int64.fetchOne(db, sql: "PRAGMA application_id") == Migrations.applicationID else {
            throw StoreError(.foreign, "\(path): is a database of another program; give Oxbow another `state` directory")
        }
    }

    private static func migrate(_ pool: DatabasePool, path: String, now: Int64, _ seal: StoreSeal) throws {
        let migrator = Migrations.migrator(
            birth: now,
            seal: Migrations.NewSeal(vault: seal.vault, salt: seal.salt, wrapped: seal.wrapped)
        )
        guard try !pool.read(migrator.hasBeenSuperseded) else {
            throw StoreError(.newer, "\(path): was written by a newer version of Oxbow; run that one, or restore a backup from before")
        }
        let isPlain = try pool.read { try $0.tableExists("journal") && !$0.tableExists("sealing") }
        try pool.write { try $0.execute(sql: "PRAGMA application_id = \(Migrations.applicationID)") }
        try migrator.migrate(pool)
        if isPlain {
            // Nothing of what was in the clear may be left, in free pages or in the log.
            try pool.vacuum()
            _ = try pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        }
        if seal.isNewlyWrapped {
            try pool.write { try $0.execute(sql: "UPDATE sealing SET wrapped = ?", arguments: [seal.wrapped]) }
        }
        guard try pool.read({ try Int.fetchOne($0, sql: "SELECT count(*) FROM store") }) == 1 else {
            throw StoreError.damaged(path, "its birth is missing")
        }
    }
}
