import GRDB
import Synchronization

/// Writes of many callers, one transaction and one fsync for all that came while the one before was being synced.
///
/// Cancelling a caller doesn't take its write back: others may share the transaction, and the caller couldn't know whether it came too late.
final class GroupCommit: Sendable {
    /// A write; exactly one of what ``run`` returned last and ``fail`` is called.
    private struct Job: Sendable {
        /// Runs it inside the transaction, in a savepoint of its own or not, and returns its own error. What it also returns is called when
        /// the transaction has ended, with the transaction's error.
        let run: @Sendable (_ db: Database, _ isApart: Bool) -> (error: (any Error)?, finish: @Sendable ((any Error)?) -> Void)
        /// There was no transaction.
        let fail: @Sendable (any Error) -> Void
    }
    /// One of several writes has failed, and not alone.
    private struct Spoilt: Error {}
    private struct State {
        var jobs: [Job] = []
        var isRunning = false
        var batches = 0
    }

    private let pool: DatabasePool
    private let state = Mutex(State())
    /// So that one transaction doesn't grow without bound when callers are faster than the disk.
    private let batchLimit = 512

    init(_ pool: DatabasePool) {
        self.pool = pool
    }

    /// How many transactions there have been.
    var batches: Int { state.withLock { $0.batches } }

    /// Runs a write in the next transaction, and returns when that is on disk. Only its own changes are undone when it throws.
    ///
    /// The body may run twice, so it has no effect but on the database.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let job = Job(
                run: { db, isApart in
                    let result = Result { try isApart ? Self.inSavepoint(db, body) : body(db) }
                    let failure: (any Error)? = if case .failure(let error) = result { error } else { nil }
                    return (failure, { error in continuation.resume(with: error.map(Result.failure) ?? result) })
                },
                fail: { continuation.resume(throwing: $0) }
            )
            let starts = state.withLock { state in
                state.jobs.append(job)
                defer { state.isRunning = true }
                return !state.isRunning
            }
            if starts { pool.asyncWriteWithoutTransaction { self.drain($0) } }
        }
    }

    /// Runs on GRDB's writer queue until nothing is left.
    private func drain(_ db: Database) {
        while let jobs = next() {
            // Hardly any write fails, and a savepoint costs a copy of every page that it touches: so first without. What failed then has
            // changed nothing, and all is done again, each write apart.
            if !perform(jobs, apart: false, db) { _ = perform(jobs, apart: true, db) }
        }
    }

    /// Runs writes in one transaction and tells their callers.
    ///
    /// - Returns: Whether it has; otherwise one of several has failed, and nothing has happened.
    private func perform(_ jobs: [Job], apart: Bool, _ db: Database) -> Bool {
        var finish: [@Sendable ((any Error)?) -> Void] = []
        do {
            try db.inTransaction(.immediate) {
                for job in jobs {
                    let outcome = job.run(db, apart)
                    if !apart, let error = outcome.error {
                        // Alone, its changes are all there is: the transaction goes with them.
                        guard jobs.count == 1 else { throw Spoilt() }
                        finish.append(outcome.finish)
                        throw error
                    }
                    finish.append(outcome.finish)
                    // A full disk or a failing one ends the whole transaction, not only the savepoint.
                    guard db.isInsideTransaction else { throw outcome.error ?? DatabaseError(resultCode: .SQLITE_ABORT) }
                }
                return .commit
            }
            for finish in finish { finish(nil) }
        } catch is Spoilt {
            return false
        } catch {
            for finish in finish { finish(error) }
            for job in jobs[finish.count...] { job.fail(error) }
        }
        return true
    }

    private static func inSavepoint<Value>(_ db: Database, _ body: (Database) throws -> Value) throws -> Value {
        var value: Value?
        try db.inSavepoint {
            value = try body(db)
            return .commit
        }
        guard let value else { throw CancellationError() }
        return value
    }

    private func next() -> [Job]? {
        state.withLock { state in
            guard !state.jobs.isEmpty else {
                state.isRunning = false
                return nil
            }
            defer { state.jobs.removeFirst(min(batchLimit, state.jobs.count)) }
            state.batches += 1
            return Array(state.jobs.prefix(batchLimit))
        }
    }
}
