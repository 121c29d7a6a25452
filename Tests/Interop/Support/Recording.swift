import Synchronization

/// Everything that somebody has said so far, in order, and the wait for what they will say.
final class Recording<Item: Sendable>: Sendable {
    private struct Waiter {
        var matches: @Sendable (Item) -> Bool
        var continuation: CheckedContinuation<(index: Int, item: Item), any Error>
    }
    private struct State {
        var items: [Item] = []
        var isClosed = false
        var waiters: [Int: Waiter] = [:]
        var nextWaiter = 0
    }
    private let state = Mutex(State())

    /// All that was said.
    var items: [Item] { state.withLock(\.items) }
    /// How much was said: where a wait for something new begins.
    var count: Int { state.withLock(\.items.count) }

    /// Whether nothing more comes.
    var isClosed: Bool { state.withLock(\.isClosed) }

    func append(_ item: Item) {
        let woken = state.withLock { state in
            guard !state.isClosed else { return ([Waiter](), 0) }
            state.items.append(item)
            let numbers = state.waiters.filter { $0.value.matches(item) }.map(\.key)
            return (numbers.compactMap { state.waiters.removeValue(forKey: $0) }, state.items.count - 1)
        }
        for waiter in woken.0 { waiter.continuation.resume(returning: (woken.1, item)) }
    }

    /// Nothing more comes: whoever still waits is told so.
    func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.continuation.resume(throwing: Silence.ended) }
    }

    /// The first item from `start` on that satisfies a predicate, now or within a time.
    ///
    /// - Throws: ``Trouble`` that shows what was said instead.
    @discardableResult
    func first(
        from start: Int = 0,
        within limit: Duration = .seconds(60),
        _ what: String,
        where matches: @escaping @Sendable (Item) -> Bool
    ) async throws -> (index: Int, item: Item) {
        do {
            return try await withThrowingTaskGroup(of: (index: Int, item: Item).self) { group in
                group.addTask { try await self.wait(from: start, matches) }
                group.addTask {
                    try await Task.sleep(for: limit)
                    throw Silence.timedOut
                }
                defer { group.cancelAll() }
                guard let first = try await group.next() else { throw Silence.ended }
                return first
            }
        } catch let silence as Silence {
            let heard = items.dropFirst(start).suffix(25).map { String(describing: $0).prefix(600) }.joined(separator: "\n    ")
            let reason = silence == .ended ? "it has ended" : "nothing came within \(limit)"
            throw Trouble("waited for \(what), but \(reason). Said since:\n    \(heard.isEmpty ? "(nothing)" : heard)")
        }
    }

    private enum Silence: Error { case ended, timedOut }

    private func wait(from start: Int, _ matches: @escaping @Sendable (Item) -> Bool) async throws -> (index: Int, item: Item) {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let answer: Result<(index: Int, item: Item), any Error>? = state.withLock { state in
                    if start < state.items.count, let index = state.items[start...].firstIndex(where: matches) {
                        return .success((index, state.items[index]))
                    }
                    if state.isClosed { return .failure(Silence.ended) }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    state.waiters[number] = Waiter(matches: matches, continuation: continuation)
                    return nil
                }
                if let answer { continuation.resume(with: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: number) }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }
}

/// Something of the rig went wrong; the message says what.
struct Trouble: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
