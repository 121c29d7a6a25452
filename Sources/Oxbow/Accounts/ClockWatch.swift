/// Notices that the machine's clock was set: time of day and running time no longer go together. A value without a clock.
///
/// What is remembered by the time of day (the replay cache, R2) must not be thrown away on the word of a clock that has just jumped: it may
/// jump back, and what was forgotten would run a second time.
struct ClockWatch: Hashable, Sendable {
    /// A set clock differs by at least so many seconds; less is what machines under load and NTP's own small corrections do.
    static let tolerance: Int64 = 60
    /// How long after a jump the clock isn't believed that something is old.
    static let calm: Duration = .seconds(24 * 3600)
    /// How long after the start: a machine without a battery for its clock has the right time some minutes after it was switched on.
    static let warmUp: Duration = .seconds(1800)

    private var wall: Int64
    private var uptime: Duration
    private var settles: Duration

    /// Begins to watch.
    ///
    /// - Parameters:
    ///   - wall: The time of day, in seconds since 1970.
    ///   - uptime: How long we have been running, by a clock that nobody sets and that goes on while the machine sleeps.
    init(wall: Int64, uptime: Duration) {
        (self.wall, self.uptime) = (wall, uptime)
        settles = uptime + Self.warmUp
    }

    /// Looks at both clocks again.
    ///
    /// - Returns: By how many seconds the time of day was set since the last look, forward if positive; `nil` if it wasn't.
    mutating func look(wall: Int64, uptime: Duration) -> Int64? {
        let jump = (wall - self.wall) - (uptime - self.uptime).components.seconds
        (self.wall, self.uptime) = (wall, uptime)
        guard abs(jump) >= Self.tolerance else { return nil }
        settles = max(settles, uptime + Self.calm)
        return jump
    }

    /// Whether the clock has been going evenly for long enough.
    func isSettled(uptime: Duration) -> Bool { uptime >= settles }
}
