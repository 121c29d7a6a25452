import Synchronization

/// Many readers or one writer, in order: GnuPG's keyring file is out of its place for a moment while it is being changed.
final class Queue: Sendable {
    private struct State {
        var running = 0
        var isExclusive = false
        var waiting: [(isExclusive: Bool, continuation: CheckedContinuation<Void, Never>)] = []
    }
    private let state = Mutex(State())

    func run<Value: Sendable>(exclusive: Bool, _ body: () async throws -> Value) async rethrows -> Value {
        await withCheckedContinuation { continuation in
            state.withLock { $0.waiting.append((exclusive, continuation)) }
            admit()
        }
        defer {
            state.withLock { state in
                state.running -= 1
                state.isExclusive = false
            }
            admit()
        }
        return try await body()
    }

    private func admit() {
        let admitted = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            var admitted: [CheckedContinuation<Void, Never>] = []
            while let next = state.waiting.first, !state.isExclusive, !next.isExclusive || state.running == 0 {
                state.waiting.removeFirst()
                state.running += 1
                state.isExclusive = next.isExclusive
                admitted.append(next.continuation)
            }
            return admitted
        }
        for continuation in admitted { continuation.resume() }
    }
}
