/// The pauses before a program that has died is started again: doubling from one second, with some chance in them, forgotten once it has
/// run for a minute.
struct Backoff {
    /// The longest pause.
    let most: Duration
    private var next: Duration = .seconds(1)

    init(most: Duration) {
        self.most = most
    }

    /// The pause after a run that has ended.
    ///
    /// - Parameter chance: A random number in 0..<1, so that programs that died together don't start together.
    mutating func pause(afterRunning time: Duration, chance: Double) -> Duration {
        if time >= .seconds(60) { next = .seconds(1) }
        let pause = min(next, most)
        next = min(next * 2, most)
        return pause * (0.75 + chance / 4)
    }
}
