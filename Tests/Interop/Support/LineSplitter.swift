import Foundation

/// Cuts what comes in pieces into lines. Each byte is looked at once: a stanza with a file is a line of megabytes.
struct LineSplitter {
    private var rest: [UInt8] = []

    /// The lines that end in a piece, without their ends.
    mutating func take(_ piece: Data) -> [String] {
        piece.withUnsafeBytes { bytes in
            var lines: [String] = []
            var start = 0
            while start < bytes.count, let base = bytes.baseAddress, let end = memchr(base + start, 10, bytes.count - start) {
                let length = UnsafeRawPointer(end) - (base + start)
                rest += UnsafeRawBufferPointer(start: base + start, count: length)
                lines.append(String(decoding: rest, as: UTF8.self))
                rest = []
                start += length + 1
            }
            rest += bytes[start...]
            return lines
        }
    }
}
