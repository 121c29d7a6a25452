/// What is checked before Foundation sees a body: size, UTF-8, depth, and how many values there may be.
enum JSONScan {
    static func check(_ bytes: [UInt8], limits: SourceLimits) throws(SourceError) {
        guard bytes.count <= limits.body else {
            throw SourceError(.tooLarge, "the body has \(bytes.count) bytes; at most \(limits.body) are read")
        }
        // Foundation would guess UTF-16 and UTF-32; with them, what is counted here would be something else than what it reads.
        guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else {
            throw SourceError(.unreadable, "the body isn't UTF-8")
        }
        guard bytes.contains(where: { $0 > 0x20 }) else { throw SourceError(.unreadable, "the body is empty; it should be JSON") }
        var (depth, nodes) = (0, 1)
        var inString = false
        var escaped = false
        for byte in bytes {
            if inString {
                if escaped {
                    escaped = false
                } else if byte == 0x5C {
                    escaped = true
                } else if byte == 0x22 {
                    inString = false
                }
                continue
            }
            switch byte {
            case 0x22:
                inString = true
            case 0x5B, 0x7B:
                depth += 1
                nodes += 1
                guard depth <= limits.depth else { throw SourceError(.tooLarge, "the JSON nests deeper than \(limits.depth)") }
            case 0x5D, 0x7D:
                depth -= 1
            case 0x2C:
                nodes += 1
            default:
                break
            }
            guard nodes <= limits.nodes else { throw SourceError(.tooLarge, "the JSON has more than \(limits.nodes) values") }
        }
    }
}
