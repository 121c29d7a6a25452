import Glibc

/// Two contestants that do the same work in turn, in one process.
public struct Duel {
    /// Seconds of CPU time (user and system, all threads) of our runs, by round.
    public private(set) var ours: [Double] = []
    /// The same of theirs.
    public private(set) var theirs: [Double] = []

    /// Runs both once to warm up, then in turn; which one begins alternates.
    public init(rounds: Int, ours: () throws -> Void, theirs: () throws -> Void) rethrows {
        try ours()
        try theirs()
        for round in 0..<rounds {
            if round.isMultiple(of: 2) {
                self.ours.append(try Self.seconds(ours))
                self.theirs.append(try Self.seconds(theirs))
            } else {
                self.theirs.append(try Self.seconds(theirs))
                self.ours.append(try Self.seconds(ours))
            }
        }
    }

    /// The median round of each.
    public var medians: (ours: Double, theirs: Double) { (Self.median(ours), Self.median(theirs)) }

    /// CPU time rather than wall time: other work on the machine disturbs it less.
    private static func seconds(_ body: () throws -> Void) rethrows -> Double {
        let start = now()
        try body()
        return now() - start
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func median(_ values: [Double]) -> Double {
        values.sorted()[values.count / 2]
    }
}

/// Two contestants that wait for other processes, in turn: the median wall time of each, in seconds. Which one begins alternates.
public func duel(
    _ turns: Int,
    ours: () async throws -> Void,
    theirs: () throws -> Void
) async throws -> (ours: Double, theirs: Double) {
    let clock = ContinuousClock()
    var (mine, its): ([Duration], [Duration]) = ([], [])
    try await ours()
    try theirs()
    for turn in 0..<turns {
        if turn.isMultiple(of: 2) {
            mine.append(try await clock.measure { try await ours() })
            its.append(try clock.measure { try theirs() })
        } else {
            its.append(try clock.measure { try theirs() })
            mine.append(try await clock.measure { try await ours() })
        }
    }
    return (mine.sorted()[turns / 2] / .seconds(1), its.sorted()[turns / 2] / .seconds(1))
}

/// A text at the right of a column.
public func pad(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }

/// The machine, for the head of a report.
public func machine() -> String {
    let lines = (readFile("/proc/cpuinfo") ?? "").split(separator: "\n")
    let model = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last.map { $0.drop { $0 == " " } }
    let cores = lines.filter { $0.hasPrefix("processor") }.count
    let load = (readFile("/proc/loadavg") ?? "").split(separator: " ").first ?? "?"
    return "\(model ?? "unknown CPU"), \(cores) cores, load \(load)"
}

/// A number with so many digits behind the point.
public func fixed(_ value: Double, _ digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let rounded = (value * scale).rounded()
    let whole = Int(rounded / scale)
    guard digits > 0 else { return "\(whole)" }
    let fraction = "\(Int(rounded) - whole * Int(scale))"
    return "\(whole)." + String(repeating: "0", count: digits - fraction.count) + fraction
}

private func readFile(_ path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return String(decoding: bytes, as: UTF8.self)
}
