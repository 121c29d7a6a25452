#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

extension UInt8 {
    /// White space as XML 1.0 § 2.3 defines it.
    var isBlank: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }
}

/// Searches in a range; each returns the range's end if it finds nothing. Every byte of a stream goes through one of them.
extension UnsafeRawBufferPointer {
    /// The first place of a byte that is probably far away.
    func find(_ byte: UInt8, from start: Int, to end: Int) -> Int {
        guard let base = baseAddress, start < end, let found = memchr(base + start, Int32(byte), end - start) else { return end }
        return UnsafeRawPointer(found) - base
    }

    /// The first place of a byte that is probably near.
    @inline(__always)
    func findShort(_ byte: UInt8, from start: Int, to end: Int) -> Int {
        var index = start
        while index < end, self[index] != byte { index += 1 }
        return index
    }

    /// The first `<` or quote (one of the two kinds).
    @inline(__always)
    func findQuote(_ quote: UInt8, from start: Int, to end: Int) -> Int {
        let wanted = UInt64(repeating: quote)
        return search(from: start, to: end) { word in
            (word ^ wanted).zeroBytes | (word ^ UInt64(repeating: UInt8(ascii: "<"))).zeroBytes
        } accept: { byte in
            byte == quote || byte == UInt8(ascii: "<")
        }
    }

    /// The first `<`, `>`, `'` or `"`.
    @inline(__always)
    func findDelimiter(from start: Int, to end: Int) -> Int {
        search(from: start, to: end) { word in
            // `<` and `>` differ in one bit. The quotes differ in two, so `#` and `&` are found as well, and not accepted.
            ((word | UInt64(repeating: 0x02)) ^ UInt64(repeating: 0x3E)).zeroBytes
                | ((word | UInt64(repeating: 0x05)) ^ UInt64(repeating: 0x27)).zeroBytes
        } accept: { byte in
            (byte | 0x02) == UInt8(ascii: ">") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"")
        }
    }

    /// Eight bytes at a time, the last ones singly.
    @inline(__always)
    private func search(from start: Int, to end: Int, in word: (UInt64) -> UInt64, accept: (UInt8) -> Bool) -> Int {
        var index = start
        while index &+ 8 <= end {
            let hits = word(UInt64(littleEndian: loadUnaligned(fromByteOffset: index, as: UInt64.self)))
            guard hits != 0 else {
                index &+= 8
                continue
            }
            index &+= hits.trailingZeroBitCount &>> 3
            if accept(self[index]) { return index }
            index &+= 1
        }
        while index < end, !accept(self[index]) { index &+= 1 }
        return index
    }
}

extension UInt64 {
    /// A byte eight times.
    @inline(__always)
    fileprivate init(repeating byte: UInt8) { self = 0x0101_0101_0101_0101 &* UInt64(byte) }

    /// The highest bit of bytes that are zero; above the lowest of them also of some that aren't.
    @inline(__always)
    fileprivate var zeroBytes: UInt64 { (self &- 0x0101_0101_0101_0101) & ~self & 0x8080_8080_8080_8080 }
}
