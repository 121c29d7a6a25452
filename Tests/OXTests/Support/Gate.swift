import Synchronization

/// Holds whoever comes until it is opened, and tells when somebody is there.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var held: [CheckedContinuation<Void, Never>] = []
        var watchers: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    func wait() async {
        await withCheckedContinuation { continuation in
            let (goOn, watchers) = state.withLock { state in
                guard !state.isOpen else { return (true, [CheckedContinuation<Void, Never>]()) }
                state.held.append(continuation)
                defer { state.watchers = [] }
                return (false, state.watchers)
            }
            if goOn { continuation.resume() }
            for watcher in watchers { watcher.resume() }
        }
    }

    /// Returns once somebody is held.
    func waiting() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                guard state.held.isEmpty, !state.isOpen else { return true }
                state.watchers.append(continuation)
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    func open() {
        let held = state.withLock { state in
            state.isOpen = true
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }
}
