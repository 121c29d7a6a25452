import Synchronization

/// One at a time, in order: GnuPG's keyring file doesn't like two writers.
final class Queue: Sendable {
    private let waiting = Mutex<[CheckedContinuation<Void, Never>]?>(nil)

    func run<Value: Sendable>(_ body: () async throws -> Value) async rethrows -> Value {
        await withCheckedContinuation { continuation in
            let isFree = waiting.withLock { waiting in
                guard waiting != nil else {
                    waiting = []
                    return true
                }
                waiting?.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
        defer { pass() }
        return try await body()
    }

    private func pass() {
        let next = waiting.withLock { waiting -> CheckedContinuation<Void, Never>? in
            guard waiting?.isEmpty == false else {
                waiting = nil
                return nil
            }
            return waiting?.removeFirst()
        }
        next?.resume()
    }
}
