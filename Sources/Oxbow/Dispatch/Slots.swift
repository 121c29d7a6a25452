import DequeModule
import Synchronization

/// So many at a time; who comes later waits, first come, first served.
final class Slots: Sendable {
    private struct State {
        var free: Int
        var queue: Deque<Gate> = []
    }
    private let state: Mutex<State>

    init(_ count: Int) {
        state = Mutex(State(free: count))
    }

    /// Runs an operation in a slot of its own.
    ///
    /// - Throws: `CancellationError` if the task is cancelled while it waits; what the operation throws.
    func withSlot<Value: Sendable>(_ operation: () async throws -> Value) async throws -> Value {
        try await take()
        defer { give() }
        return try await operation()
    }

    private func take() async throws {
        let gate: Gate? = state.withLock { state in
            if state.free > 0 {
                state.free -= 1
                return nil
            }
            let gate = Gate()
            state.queue.append(gate)
            return gate
        }
        guard let gate else { return }
        await gate.wait()
        // Cancelled or called: only the queue knows, since both may happen at once.
        let wasCalled = state.withLock { state in
            guard let place = state.queue.firstIndex(where: { $0 === gate }) else { return true }
            state.queue.remove(at: place)
            return false
        }
        guard wasCalled else { throw CancellationError() }
    }

    private func give() {
        let next: Gate? = state.withLock { state in
            if let next = state.queue.popFirst() { return next }
            state.free += 1
            return nil
        }
        next?.open()
    }
}
