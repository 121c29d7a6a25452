import Synchronization

/// A clock that shows what a test sets it to; who sleeps by it sleeps as long as they say. What is remembered for a while stays so, however long
/// a busy machine takes for a test.
final class HandClock: Clock {
    typealias Instant = ContinuousClock.Instant
    private let state = Mutex(ContinuousClock.now)

    var now: Instant { state.withLock { $0 } }
    var minimumResolution: Duration { ContinuousClock().minimumResolution }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await ContinuousClock().sleep(for: now.duration(to: deadline), tolerance: tolerance)
    }

    /// Goes on by as much.
    func advance(by duration: Duration) { state.withLock { $0 += duration } }
}
