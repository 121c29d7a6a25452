/// A value that is looked up at most once in a while, and once for all who ask at the same time: for what strangers may ask.
actor Snapshot<Value: Sendable> {
    private let age: Duration
    private let elapsed: @Sendable () -> Duration
    private let look: @Sendable () async -> Value

    private var last: (value: Value, at: Duration)?
    private var isLooking = false
    private var waiters: [CheckedContinuation<Value?, Never>] = []

    /// Looks nothing up yet.
    ///
    /// - Parameters:
    ///   - age: How old a value may be that is given.
    ///   - clock: What ages are measured by.
    ///   - look: Looks the value up, in the task of somebody who asks.
    init(age: Duration = .milliseconds(250), clock: any Clock<Duration>, look: @escaping @Sendable () async -> Value) {
        self.age = age
        self.look = look
        elapsed = stopwatch(clock)
    }

    /// The value as it was found less than ``age`` ago, or is found now.
    func value() async -> Value {
        while true {
            if let last, elapsed() - last.at < age { return last.value }
            guard isLooking else { return await fresh() }
            if let value = await withCheckedContinuation({ waiters.append($0) }) { return value }
        }
    }

    /// How many wait for what somebody else looks up.
    var waiting: Int { waiters.count }

    private func fresh() async -> Value {
        isLooking = true
        let value = await look()
        isLooking = false
        // Whoever is cancelled may have found nothing for that reason alone: another of those who wait looks again.
        let isGood = !Task.isCancelled
        if isGood { last = (value, elapsed()) }
        let waiting = waiters
        waiters = []
        for waiter in waiting { waiter.resume(returning: isGood ? value : nil) }
        return value
    }
}

/// The time since now, by a clock.
private func stopwatch<C: Clock<Duration>>(_ clock: C) -> @Sendable () -> Duration {
    let start = clock.now
    return { start.duration(to: clock.now) }
}
