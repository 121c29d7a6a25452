import Testing

@testable import OpenPGP

@Suite struct PacketReaderTests {
    private func tags(_ bytes: [UInt8], most: Int = 100) throws -> [UInt8] { try PacketReader.packets(of: bytes, most: most).map(\.tag) }

    private func problem(_ bytes: [UInt8], most: Int = 100) -> PacketReader.Problem? {
        do {
            _ = try PacketReader.packets(of: bytes, most: most)
            return nil
        } catch {
            return error
        }
    }

    @Test("RFC 4880 4.2: lengths of one, two, four and five octets, old and new") func lengths() throws {
        let body = [UInt8](repeating: 7, count: 200)
        for header: [UInt8] in [[0x88, 200], [0x89, 0, 200], [0x8a, 0, 0, 0, 200], [0xc2, 192, 8], [0xc2, 255, 0, 0, 0, 200]] {
            let packets = try PacketReader.packets(of: header + body, most: 1)
            #expect(packets.map(\.tag) == [2])
            #expect(packets[0].body == header.count..<header.count + 200)
            #expect(packets[0].whole == 0..<header.count + 200)
            #expect(!packets[0].isStreamed)
        }
        #expect(try tags([0xc2, 0, 0xcd, 1, 65]) == [2, 13])
        #expect(try tags([]).isEmpty)
    }

    @Test("RFC 4880 4.2.2.4: a body in parts, only for packets that hold data") func parts() throws {
        // Two parts of 512 and 2, then one of 1.
        let bytes = [0xd2, 0xe9] + [UInt8](repeating: 1, count: 512) + [0xe1, 1, 1, 1, 9] + [0xcd, 0]
        let packets = try PacketReader.packets(of: bytes, most: 2)
        #expect(packets.map(\.tag) == [18, 13])
        #expect(packets[0].isStreamed && packets[0].whole.count == 519)
        #expect(problem([0xc2, 0xe1, 1, 1, 0]) == .partsNotAllowed)
        #expect(problem([0xd2, 0xe1, 1, 1]) == .truncated)
        // Without a length, up to the end.
        #expect(try tags([0xa3, 1, 2, 3]) == [8])
        #expect(problem([0x8b, 1, 2, 3]) == .partsNotAllowed)
    }

    @Test("A15: claims of gigabytes cost nothing; tiny parts and tiny packets are bounded") func claims() {
        #expect(problem([0xd2, 255, 255, 255, 255, 255]) == .truncated)
        #expect(problem([0xd2, 0xfe, 0]) == .truncated)
        #expect(problem([0x86, 0xff, 0xff, 0xff, 0xff]) == .truncated)
        #expect(problem(Array(repeatElement([0xc2, 0], count: 101).joined())) == .tooManyPackets)
        let parts = [0xd2] + [UInt8](repeating: 0, count: 0) + Array(repeatElement([0xe0, 1], count: 100_000).joined()) + [0]
        #expect(problem(parts) == nil)
    }

    @Test("Rubbish is named as such") func rubbish() {
        #expect(problem([0x00]) == .notAPacket)
        #expect(problem(Array("hello".utf8)) == .notAPacket)
        #expect(problem([0xc0, 0]) == .reservedTag)
        #expect(problem([0x80, 0]) == .reservedTag)
        for bytes: [UInt8] in [[0xc2], [0xc2, 192], [0xc2, 255, 0], [0x89, 0], [0xc2, 2, 0]] { #expect(problem(bytes) == .truncated) }
    }

    @Test("Whatever the bytes, an answer and no crash: messages, certificates, armor, signatures", arguments: 0..<8) func noise(_ seed: Int)
    {
        var random = Noise(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1)
        let sample = Packet.make(1, [3] + [UInt8](repeating: 1, count: 90)) + Packet.make(18, [1] + [UInt8](repeating: 2, count: 300))
        let key =
            Packet.make(6, [4] + [UInt8](repeating: 3, count: 50)) + Packet.make(13, Array("xmpp:a@b".utf8))
            + Packet.make(2, [4, 0x13, 22, 8, 0, 6, 5, 2, 1, 2, 3, 4, 0, 0, 9, 9])
        for round in 0..<4000 {
            var bytes: [UInt8]
            switch round % 4 {
            case 0: bytes = (0..<Int(random.next() % 200)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            case 1: bytes = sample
            case 2: bytes = key
            default: bytes = Array("-----BEGIN PGP MESSAGE-----\n\nhQEMA0\n=abcd\n-----END PGP MESSAGE-----\n".utf8)
            }
            for _ in 0..<Int(random.next() % 6) where !bytes.isEmpty {
                let position = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 3 {
                case 0: bytes[position] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: position)
                default: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: position)
                }
            }
            let packets = (try? PacketReader.packets(of: bytes, most: 50)) ?? []
            #expect(packets.allSatisfy { $0.whole.contains($0.body.lowerBound) || $0.body.isEmpty })
            #expect(packets.reduce(0) { $0 + $1.whole.count } <= bytes.count)
            _ = try? EncryptedMessage(reading: bytes)
            _ = try? Certificate(reading: bytes)
            _ = SignatureFields(bytes)
        }
    }
}

/// Numbers that are the same in every run (xorshift).
struct Noise {
    var state: UInt64
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
