import Synchronization

/// Lines of text that a test can wait for.
final class Lines: Sendable {
    private struct State {
        var all: [String] = []
        var waiters: [(text: String, continuation: CheckedContinuation<String, Never>)] = []
    }
    private let state = Mutex(State())

    func tell(_ line: String) {
        let ready = state.withLock { state in
            state.all.append(line)
            let ready = state.waiters.filter { line.contains($0.text) }
            state.waiters.removeAll { line.contains($0.text) }
            return ready
        }
        for waiter in ready { waiter.continuation.resume(returning: line) }
    }

    /// The first line, past or future, that contains a text.
    func first(containing text: String) async -> String {
        await withCheckedContinuation { continuation in
            let found: String? = state.withLock { state in
                if let found = state.all.first(where: { $0.contains(text) }) { return found }
                state.waiters.append((text, continuation))
                return nil
            }
            if let found { continuation.resume(returning: found) }
        }
    }

    var all: [String] { state.withLock { $0.all } }
}
