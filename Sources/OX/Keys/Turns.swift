import Synchronization
import XMPP

/// One turn at a time for each peer: what is known about a peer is read, changed and stored again across suspensions.
final class Turns: Sendable {
    private let waiting = Mutex<[Address: [CheckedContinuation<Void, Never>]]>([:])

    /// Runs `body` alone among all bodies for this peer. Waiting isn't cut short by cancellation: each turn is bounded by time limits.
    func take<Value>(_ peer: Address, _ body: () async throws -> Value) async rethrows -> Value {
        await withCheckedContinuation { continuation in
            let isFree = waiting.withLock { waiting in
                guard waiting[peer] != nil else {
                    waiting[peer] = []
                    return true
                }
                waiting[peer]?.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
        defer { pass(peer) }
        return try await body()
    }

    private func pass(_ peer: Address) {
        let next = waiting.withLock { waiting -> CheckedContinuation<Void, Never>? in
            guard var queue = waiting[peer], !queue.isEmpty else {
                waiting[peer] = nil
                return nil
            }
            let next = queue.removeFirst()
            waiting[peer] = queue
            return next
        }
        next?.resume()
    }
}
