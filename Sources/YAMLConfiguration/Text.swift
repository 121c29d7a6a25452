/// Digits with `ms`, `s`, `m`, `h` or `d`, several in a row from large to small; `nil` for anything else, plain digits included.
public func parseDuration(_ text: String) -> Duration? {
    let units: [(name: String, milliseconds: Int64)] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)]
    var rest = Substring(text)
    var total: Int64 = 0
    var last = -1
    while !rest.isEmpty {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        let unit = rest[digits.endIndex...].prefix { $0.isASCII && $0.isLetter }
        guard let number = Int64(digits), let index = units.firstIndex(where: { $0.name == unit }), index > last else { return nil }
        let (product, tooBig) = number.multipliedReportingOverflow(by: units[index].milliseconds)
        let (sum, overflow) = total.addingReportingOverflow(product)
        guard !tooBig, !overflow else { return nil }
        total = sum
        last = index
        rest = rest[unit.endIndex...]
    }
    return last < 0 ? nil : .milliseconds(total)
}

/// A duration as it is written in a file: `1h30m`.
public func formatDuration(_ duration: Duration) -> String {
    var milliseconds = duration.components.seconds * 1_000 + duration.components.attoseconds / 1_000_000_000_000_000
    var text = ""
    for (name, unit) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)] as [(String, Int64)] {
        if milliseconds >= unit {
            text += "\(milliseconds / unit)\(name)"
            milliseconds %= unit
        }
    }
    return text.isEmpty ? "0s" : text
}

/// Digits with `k`, `M` or `G` (powers of 1024; either case), in bytes; `nil` for anything else.
public func parseSize(_ text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int(digits) else { return nil }
    let factor: Int
    switch text[digits.endIndex...].lowercased() {
    case "": factor = 1
    case "k": factor = 1 << 10
    case "m": factor = 1 << 20
    case "g": factor = 1 << 30
    default: return nil
    }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
    return overflow ? nil : bytes
}

/// The known name that is nearest by edit distance, if it is near enough to be meant.
public func nearest(to name: String, among known: [String]) -> String? {
    // Nothing that somebody names is longer, and the time grows with the product of both.
    let start = Array(name.prefix(60))
    let limit = max(1, min(3, start.count / 2))
    return known.map { ($0, editDistance(start, Array($0))) }.filter { $0.1 <= limit }.min { $0.1 < $1.1 }?.0
}

/// Damerau–Levenshtein distance (insert, delete, replace, swap of neighbours).
func editDistance(_ left: [Character], _ right: [Character]) -> Int {
    var rows = [[Int]](repeating: [Int](repeating: 0, count: right.count + 1), count: left.count + 1)
    for i in 0...left.count { rows[i][0] = i }
    for j in 0...right.count { rows[0][j] = j }
    for i in 0..<left.count {
        for j in 0..<right.count {
            var best = min(rows[i][j + 1], rows[i + 1][j]) + 1
            best = min(best, rows[i][j] + (left[i] == right[j] ? 0 : 1))
            if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] { best = min(best, rows[i - 1][j - 1] + 1) }
            rows[i + 1][j + 1] = best
        }
    }
    return rows[left.count][right.count]
}
