/// The time since a moment, on a clock whose type is not known.
struct Stopwatch: Sendable {
    private let read: @Sendable () -> Duration

    /// Starts at now.
    init(_ clock: any Clock<Duration>) {
        self.read = Self.start(clock)
    }

    /// How long it has run.
    var elapsed: Duration { read() }

    private static func start<C: Clock>(_ clock: C) -> @Sendable () -> Duration where C.Duration == Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }
}
