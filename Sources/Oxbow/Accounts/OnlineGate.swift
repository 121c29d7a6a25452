import Synchronization

/// Whether the account is online, and the wait until it is.
final class OnlineGate: Sendable {
    private struct State {
        var isOpen = false
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Bool, Never>] = [:]
    }
    private let state = Mutex(State())

    /// Whether the condition holds now.
    var isOpen: Bool { state.withLock(\.isOpen) }

    /// Lets everybody through who waits, and everybody who comes until ``close()``.
    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume(returning: true) }
    }

    /// Makes those who come from now on wait.
    func close() {
        state.withLock { $0.isOpen = false }
    }

    /// Waits until the gate is open. Returns `false` if it isn't after `limit`, or when the task is cancelled.
    func pass(within limit: Duration, clock: any Clock<Duration>) async -> Bool {
        if isOpen { return true }
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask { await self.wait() }
            group.addTask {
                try? await clock.sleep(for: limit)
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            return first
        }
    }

    private func wait() async -> Bool {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    // Cancellation may have come before this continuation was there to be found.
                    if state.isOpen { return true }
                    if Task.isCancelled { return false }
                    state.waiters[number] = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: number) }
            waiter?.resume(returning: false)
        }
    }
}
