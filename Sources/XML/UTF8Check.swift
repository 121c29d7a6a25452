/// Strict UTF-8 (RFC 3629 § 4) over input that comes in pieces: no overlong forms, no surrogates, nothing above U+10FFFF, and no NUL.
struct UTF8Check {
    /// Continuation bytes still to come.
    private var missing = 0
    /// What the next continuation byte may be; narrower than 80…BF behind E0, ED, F0 and F4.
    private var low: UInt8 = 0x80
    private var high: UInt8 = 0xBF

    /// How many of the next bytes are in order; an incomplete sequence at their end is.
    mutating func validPrefix(_ bytes: UnsafeRawBufferPointer) -> Int {
        var index = 0
        let count = bytes.count
        while index < count {
            if missing == 0 {
                while index &+ 16 <= count, bytes.isPlain(index) { index &+= 16 }
                guard index < count else { break }
            }
            guard step(bytes[index]) else { return index }
            index += 1
        }
        return count
    }

    private mutating func step(_ byte: UInt8) -> Bool {
        if missing > 0 {
            guard byte >= low, byte <= high else { return false }
            missing -= 1
            (low, high) = (0x80, 0xBF)
            return true
        }
        switch byte {
        case 0x01...0x7F: return true
        case 0xC2...0xDF: missing = 1
        case 0xE0: (missing, low) = (2, 0xA0)
        case 0xED: (missing, high) = (2, 0x9F)
        case 0xE1...0xEF: missing = 2
        case 0xF0: (missing, low) = (3, 0x90)
        case 0xF4: (missing, high) = (3, 0x8F)
        case 0xF1...0xF3: missing = 3
        default: return false
        }
        return true
    }
}

extension UnsafeRawBufferPointer {
    /// Whether the next sixteen bytes are ASCII, none of them NUL.
    @inline(__always)
    fileprivate func isPlain(_ index: Int) -> Bool {
        let one = loadUnaligned(fromByteOffset: index, as: UInt64.self)
        let two = loadUnaligned(fromByteOffset: index &+ 8, as: UInt64.self)
        // Of an ASCII byte only NUL gets the high bit by the subtraction.
        let marks = one | two | (one &- 0x0101_0101_0101_0101) | (two &- 0x0101_0101_0101_0101)
        return marks & 0x8080_8080_8080_8080 == 0
    }
}
