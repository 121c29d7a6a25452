internal import CGPGME
internal import Synchronization

/// How a running GPGME operation is ended from another thread: at its deadline, or because the task that waits for it was cancelled.
final class Interruption: Sendable {
    /// Why an operation was ended.
    enum Reason: Sendable {
        case timeLimit
        case cancelled
    }

    private struct State {
        var context: UInt?
        var reason: Reason?
    }
    private let state = Mutex(State())

    /// Why the operation was told to end, if it was.
    var reason: Reason? { state.withLock { $0.reason } }

    /// Ends what runs now in ``during(_:_:)``, and whatever would run there later.
    func interrupt(_ reason: Reason) {
        state.withLock {
            guard $0.reason == nil else { return }
            $0.reason = reason
            // Under the lock, so that the context can't be released or reused meanwhile. GPGME notices within a second.
            if let context = $0.context.flatMap({ OpaquePointer(bitPattern: $0) }) { gpgme_cancel_async(context) }
        }
    }

    /// Runs one blocking operation on `context`, which may be cancelled while it lasts.
    func during<Value>(_ context: GPGMEContext, _ operation: (OpaquePointer) -> Value) throws -> Value {
        try state.withLock {
            if let reason = $0.reason { throw reason.error }
            $0.context = context.address
        }
        defer { state.withLock { $0.context = nil } }
        let value = operation(context.pointer)
        if let reason = reason { throw reason.error }
        return value
    }
}

extension Interruption.Reason {
    /// What the caller is told.
    var error: any Error {
        switch self {
        case .timeLimit: OpenPGPError(.timedOut, "GnuPG did not finish within the time limit")
        case .cancelled: CancellationError()
        }
    }
}
