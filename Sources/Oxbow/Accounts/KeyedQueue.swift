import DequeModule
import Synchronization

/// Runs operations one after the other for each key, and keys beside each other: how order is kept within one sender and within one
/// recipient while a slow one holds up nobody else.
///
/// A key costs memory only while it has something to run. The work is done inside ``run()``, whose caller owns it; what is still
/// waiting when that is cancelled runs to its end in cancelled tasks, so that nobody waits for an answer that never comes.
final class KeyedQueue<Key: Hashable & Sendable>: Sendable {
    typealias Operation = @Sendable () async -> Void

    private struct Lane {
        var operations: Deque<Operation> = []
        var isRunning = false
    }
    private struct State {
        var lanes: [Key: Lane] = [:]
        var stopped = false
    }
    private let state = Mutex(State())
    private let starts: AsyncStream<Key>
    private let start: AsyncStream<Key>.Continuation

    init() {
        (starts, start) = AsyncStream.makeStream()
    }

    /// Puts an operation behind those of its key. Returns `false`, without running it, once the queue has stopped.
    @discardableResult
    func enqueue(_ key: Key, _ operation: @escaping Operation) -> Bool {
        let added: (accepted: Bool, isFirst: Bool) = state.withLock { state in
            guard !state.stopped else { return (false, false) }
            let isFirst = state.lanes[key] == nil
            state.lanes[key, default: Lane()].operations.append(operation)
            return (true, isFirst)
        }
        if added.isFirst { start.yield(key) }
        return added.accepted
    }

    /// Puts an operation behind those of its key and waits for its result.
    ///
    /// - Throws: What the operation throws; `CancellationError` once the queue has stopped.
    func perform<Value: Sendable>(_ key: Key, _ operation: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let accepted = enqueue(key) {
                do {
                    continuation.resume(returning: try await operation())
                } catch {
                    continuation.resume(throwing: error)
                }
            }
            if !accepted { continuation.resume(throwing: CancellationError()) }
        }
    }

    /// Does the work until it is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await key in starts {
                group.addTask { await self.drain(key) }
            }
            // Keys whose start came after the cancellation: their operations still have to be answered.
            let left = state.withLock { state in
                state.stopped = true
                return state.lanes.filter { !$0.value.isRunning }.map(\.key)
            }
            for key in left { group.addTask { await self.drain(key) } }
        }
    }

    private func drain(_ key: Key) async {
        while let operation = next(key) { await operation() }
    }

    private func next(_ key: Key) -> Operation? {
        state.withLock { state in
            guard let operation = state.lanes[key]?.operations.popFirst() else {
                state.lanes[key] = nil
                return nil
            }
            state.lanes[key]?.isRunning = true
            return operation
        }
    }
}
