/// Cuts bytes into lines at `\n`, within a limit.
struct LineSplitter {
    /// A line, or that it was longer than the limit.
    enum Line: Hashable {
        case whole([UInt8])
        /// The first bytes of a line that is too long; the rest of it is skipped.
        case tooLong([UInt8])
    }

    /// The longest line, without its end.
    let limit: Int
    private var rest: [UInt8] = []
    private var isSkipping = false

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes bytes, gives the lines that end in them.
    mutating func feed(_ bytes: some Sequence<UInt8>) -> [Line] {
        var lines: [Line] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                if !isSkipping { lines.append(.whole(rest)) }
                rest.removeAll(keepingCapacity: true)
                isSkipping = false
            } else if !isSkipping {
                if rest.count < limit {
                    rest.append(byte)
                } else {
                    lines.append(.tooLong(rest))
                    rest.removeAll()
                    isSkipping = true
                }
            }
        }
        return lines
    }

    /// The last line, if it has no end.
    mutating func finish() -> [UInt8]? {
        defer { rest.removeAll() }
        return rest.isEmpty ? nil : rest
    }
}
