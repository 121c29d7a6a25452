/// Keeps a program from filling the log: so many lines in ten seconds.
struct LogFlood {
    enum Verdict: Hashable {
        case log
        /// The first line that is too many.
        case lastOne
        case drop
    }

    /// How many lines in ten seconds.
    let lines: Int
    private var windowEnd: Duration = .zero
    private var count = 0

    init(lines: Int) {
        self.lines = lines
    }

    /// Judges a line at a time on a clock that only goes forward.
    mutating func line(at now: Duration) -> Verdict {
        if now >= windowEnd {
            windowEnd = now + .seconds(10)
            count = 0
        }
        count += 1
        return count <= lines ? .log : count == lines + 1 ? .lastOne : .drop
    }
}
