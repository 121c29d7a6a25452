import Foundation

/// The write-ahead log as a crash has left it (SQLite file format § 4).
///
/// SQLite reads it up to the first frame whose checksum is wrong and takes the rest for a transaction that a crash has cut short. Damage in
/// the middle would thus silently take back what had been answered as durable. Since each transaction is synced before the next begins, a
/// crash can spoil the last one only: if two or more end after the wrong frame, it is damage.
enum WriteAheadLog {
    private static let headerSize = 32
    private static let frameHeaderSize = 24

    /// Why a log can't be trusted; `nil` if it can, or if there is none.
    static func damage(_ path: String) throws -> String? {
        guard let size = StateFile.size(path), size > headerSize else { return nil }
        let file = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { try? file.close() }
        guard let header = try file.read(upToCount: headerSize), header.count == headerSize else { return nil }
        let words = Words(header)
        let pageSize = Int(words[2])
        guard words[0] & 0xFFFF_FFFE == 0x377F_0682, (512...65536).contains(pageSize) else { return "its log has no header" }
        var sum = Checksum(isBigEndian: words[0] & 1 == 1)
        sum.add(header.prefix(24))
        guard sum.first == words[6], sum.second == words[7] else { return "its log's header is damaged" }
        var isReadable = true
        var ends = 0
        while let frame = try file.read(upToCount: frameHeaderSize + pageSize), frame.count == frameHeaderSize + pageSize {
            let head = Words(frame.prefix(frameHeaderSize))
            let isCurrent = head[2] == words[4] && head[3] == words[5]
            if isReadable {
                var next = sum
                next.add(frame.prefix(8))
                next.add(frame.dropFirst(frameHeaderSize))
                if isCurrent, next.first == head[4], next.second == head[5] {
                    sum = next
                    continue
                }
                isReadable = false
            }
            // A frame that ends a transaction says how many pages the database has then.
            if isCurrent, head[1] != 0 { ends += 1 }
        }
        return ends > 1 ? "its log is damaged before \(ends) of its transactions" : nil
    }

    /// Numbers of 32 bits, the most significant byte first.
    private struct Words {
        private let bytes: [UInt8]

        init(_ data: Data) { bytes = Array(data) }

        subscript(index: Int) -> UInt32 {
            bytes[index * 4..<index * 4 + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
    }

    /// § 4.2.
    private struct Checksum {
        let isBigEndian: Bool
        var first: UInt32 = 0
        var second: UInt32 = 0

        init(isBigEndian: Bool) { self.isBigEndian = isBigEndian }

        mutating func add(_ data: Data) {
            data.withUnsafeBytes { bytes in
                for offset in stride(from: 0, to: bytes.count & ~7, by: 8) {
                    first &+= word(bytes, offset) &+ second
                    second &+= word(bytes, offset + 4) &+ first
                }
            }
        }

        private func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
            return isBigEndian ? UInt32(bigEndian: word) : UInt32(littleEndian: word)
        }
    }
}
