/// Reads the frames of OpenPGP packets (RFC 4880 § 4) without looking inside: which packets there are, and where.
///
/// It stands before GnuPG, so that what we refuse anyway is refused by code that allocates nothing in proportion to what the data claim.
struct PacketReader {
    /// Where one packet lies.
    struct Packet: Hashable, Sendable {
        /// What kind it is (RFC 4880 § 4.3).
        let tag: UInt8
        /// The whole packet, header included.
        let whole: Range<Int>
        /// The body, or its first part if it came in parts.
        let body: Range<Int>
        /// The body came in parts, or without a length.
        let isStreamed: Bool
    }

    /// Why reading stopped. Each says what is wrong with the frame, never what is in it.
    enum Problem: Error, Hashable {
        case notAPacket
        case reservedTag
        case truncated
        case partsNotAllowed
        case tooManyPackets
    }

    private let bytes: [UInt8]
    private var position = 0
    private var count = 0
    private let mostPackets: Int

    /// Reads `bytes`, at most `mostPackets` packets of them.
    init(_ bytes: [UInt8], mostPackets: Int) {
        self.bytes = bytes
        self.mostPackets = mostPackets
    }

    /// The next packet, or `nil` at the end.
    mutating func next() throws(Problem) -> Packet? {
        guard position < bytes.count else { return nil }
        guard count < mostPackets else { throw .tooManyPackets }
        count += 1
        let start = position
        let header = try byte()
        guard header & 0x80 != 0 else { throw .notAPacket }
        let packet = header & 0x40 != 0 ? try newFormat(header & 0x3f, from: start) : try oldFormat(header, from: start)
        guard packet.tag != 0 else { throw .reservedTag }
        return packet
    }

    /// All packets.
    static func packets(of bytes: [UInt8], most: Int) throws(Problem) -> [Packet] {
        var reader = PacketReader(bytes, mostPackets: most)
        var packets: [Packet] = []
        while let packet = try reader.next() { packets.append(packet) }
        return packets
    }

    // MARK: lengths

    private mutating func oldFormat(_ header: UInt8, from start: Int) throws(Problem) -> Packet {
        let tag = (header >> 2) & 0x0f
        let length: Int
        switch header & 3 {
        case 0: length = try number(1)
        case 1: length = try number(2)
        case 2: length = try number(4)
        default:
            // No length: it ends where the data end.
            guard Self.mayBeStreamed(tag) else { throw .partsNotAllowed }
            let body = position..<bytes.count
            position = bytes.count
            return Packet(tag: tag, whole: start..<position, body: body, isStreamed: true)
        }
        let body = try take(length)
        return Packet(tag: tag, whole: start..<position, body: body, isStreamed: false)
    }

    private mutating func newFormat(_ tag: UInt8, from start: Int) throws(Problem) -> Packet {
        var first: Range<Int>?
        while true {
            let head = try byte()
            let length: Int
            switch head {
            case 0..<192: length = Int(head)
            case 192..<224: length = (Int(head) - 192) << 8 + Int(try byte()) + 192
            case 255: length = try number(4)
            default:
                guard Self.mayBeStreamed(tag) else { throw .partsNotAllowed }
                let part = try take(1 << Int(head & 0x1f))
                if first == nil { first = part }
                continue
            }
            let last = try take(length)
            return Packet(tag: tag, whole: start..<position, body: first ?? last, isStreamed: first != nil)
        }
    }

    /// Only packets that hold data may come in parts (RFC 4880 § 4.2.2.4).
    private static func mayBeStreamed(_ tag: UInt8) -> Bool { [8, 9, 11, 18, 20].contains(tag) }

    private mutating func byte() throws(Problem) -> UInt8 {
        guard position < bytes.count else { throw .truncated }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func number(_ octets: Int) throws(Problem) -> Int {
        var value = 0
        for _ in 0..<octets { value = value << 8 | Int(try byte()) }
        return value
    }

    private mutating func take(_ length: Int) throws(Problem) -> Range<Int> {
        guard length <= bytes.count - position else { throw .truncated }
        defer { position += length }
        return position..<position + length
    }
}

extension PacketReader.Problem {
    /// The problem in words, for an error's message.
    var words: String {
        switch self {
        case .notAPacket: "no OpenPGP packet where one must begin"
        case .reservedTag: "a packet of the reserved kind 0"
        case .truncated: "a packet that ends too early"
        case .partsNotAllowed: "a packet in parts that may not be in parts"
        case .tooManyPackets: "too many packets"
        }
    }
}

/// The numbers of packets that we name (RFC 4880 § 4.3).
enum Tag {
    static let sessionKey: UInt8 = 1
    static let signature: UInt8 = 2
    static let passwordSessionKey: UInt8 = 3
    static let onePassSignature: UInt8 = 4
    static let secretKey: UInt8 = 5
    static let publicKey: UInt8 = 6
    static let secretSubkey: UInt8 = 7
    static let compressed: UInt8 = 8
    static let encryptedWithoutIntegrity: UInt8 = 9
    static let marker: UInt8 = 10
    static let literal: UInt8 = 11
    static let trust: UInt8 = 12
    static let userID: UInt8 = 13
    static let publicSubkey: UInt8 = 14
    static let userAttribute: UInt8 = 17
    static let encrypted: UInt8 = 18
    static let encryptedAEAD: UInt8 = 20
    static let padding: UInt8 = 21
}
