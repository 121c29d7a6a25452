internal import Synchronization

/// A value that a thread owes a task: fulfilled once, later results are dropped. Cancelling calls a handler, once.
final class Promise<Value: Sendable>: Sendable {
    private struct State {
        var result: Result<Value, any Error>?
        var continuation: CheckedContinuation<Value, any Error>?
        var cancelled = false
        var handler: (@Sendable () -> Void)?
    }
    private let state = Mutex(State())

    /// Gives the value; only the first call counts.
    func fulfil(_ result: Result<Value, any Error>) {
        let continuation: CheckedContinuation<Value, any Error>? = state.withLock {
            guard $0.result == nil else { return nil }
            $0.result = result
            $0.handler = nil
            let waiting = $0.continuation
            $0.continuation = nil
            return waiting
        }
        continuation?.resume(with: result)
    }

    /// Waits for the value. One waiter only.
    func value() async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let result: Result<Value, any Error>? = state.withLock {
                if $0.result == nil { $0.continuation = continuation }
                return $0.result
            }
            if let result { continuation.resume(with: result) }
        }
    }

    /// Sets what ``cancel()`` calls; called at once if that has happened already.
    func whenCancelled(_ handler: @escaping @Sendable () -> Void) {
        let now = state.withLock {
            if !$0.cancelled { $0.handler = handler }
            return $0.cancelled
        }
        if now { handler() }
    }

    /// Calls the handler, if the value has not come.
    func cancel() {
        let handler: (@Sendable () -> Void)? = state.withLock {
            $0.cancelled = true
            guard $0.result == nil else { return nil }
            let handler = $0.handler
            $0.handler = nil
            return handler
        }
        handler?()
    }
}
