import Foundation
import Testing

@testable import OpenPGP

/// A15, S9: a message of a few kilobytes that would be a gigabyte.
@Suite(.parties) struct BombTests {
    @Test("A15: 1 GiB out of nested compression costs neither memory nor the time limit") func bomb() async throws {
        let its = try Parties.current
        let size = 1 << 30
        // A literal of zeros, compressed twice: the compressed form repeats itself and compresses again.
        var inner = Deflate()
        let body = UInt32(size + 6)
        let header: [UInt8] = [0xcb, 255, UInt8(body >> 24), UInt8(body >> 16 & 255), UInt8(body >> 8 & 255), UInt8(body & 255), 0x62]
        for byte in header + [0, 0, 0, 0, 0, 0] { inner.literal(byte) }
        inner.zeros(matches: (size - 1) / 258)
        for _ in 0..<(size - 1) % 258 { inner.literal(0) }
        let once = Packet.make(8, [1] + inner.finish())
        var outer = Deflate()
        outer.repetitive(once, period: 13)
        let message = try await its.forge.encrypt(packets: Packet.make(8, [1] + outer.finish()), to: its.bobKey)
        #expect(message.count < 100_000)

        let before = try highWater()
        #expect(await its.refusal(message, limits: OpenLimits(plaintextBytes: 1 << 20)) == .tooBig)
        #expect(try highWater() - before < 64 << 10, "in KiB")
        // The keyring is as it was.
        #expect(await its.refusal(try await its.forge.seal("hello", signers: [its.alice], to: [its.bobKey])) == nil)
    }

    /// The most memory that this process has had, in KiB.
    private func highWater() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return try #require(line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) })
    }
}

/// Just enough of RFC 1951 to compress zeros: one block of fixed codes.
private struct Deflate {
    private var bytes: [UInt8] = []
    private var pending: UInt64 = 0
    private var count: UInt64 = 0

    init() {
        put(1, 1)
        put(1, 2)
    }

    mutating func literal(_ byte: UInt8) {
        if byte < 144 { code(UInt64(byte) + 0x30, 8) } else { code(UInt64(byte) - 144 + 0x190, 9) }
    }

    /// Many times 258 zeros. Eight such matches are 13 whole bytes, so that most of them are copies.
    mutating func zeros(matches: Int) {
        for _ in 0..<16 { match(distance: 1) }
        let eight = Array(bytes.suffix(13))
        bytes += Array(repeatElement(eight, count: (matches - 16) / 8).joined())
        for _ in 0..<(matches - 16) % 8 { match(distance: 1) }
    }

    /// 258 bytes from 1 or from 13 bytes ago.
    mutating func match(distance: Int) {
        code(0xc5, 8)
        if distance == 1 {
            code(0, 5)
        } else {
            code(7, 5)
            put(0, 2)
        }
    }

    /// Bytes that mostly repeat those 13 before them.
    mutating func repetitive(_ input: [UInt8], period: Int) {
        input.withUnsafeBufferPointer { input in
            guard let base = input.baseAddress else { return }
            var position = 0
            while position < input.count {
                let fits = position >= period && position + 258 <= input.count
                if fits, memcmp(base + position, base + position - period, 258) == 0 {
                    match(distance: period)
                    position += 258
                } else {
                    literal(input[position])
                    position += 1
                }
            }
        }
    }

    mutating func finish() -> [UInt8] {
        code(0, 7)
        put(0, 7)
        return bytes
    }

    /// Huffman codes go in with their highest bit first.
    private mutating func code(_ value: UInt64, _ bits: UInt64) {
        for bit in (0..<bits).reversed() { put(value >> bit & 1, 1) }
    }

    private mutating func put(_ value: UInt64, _ bits: UInt64) {
        pending |= value << count
        count += bits
        while count >= 8 {
            bytes.append(UInt8(truncatingIfNeeded: pending))
            pending >>= 8
            count -= 8
        }
    }
}
