/// The SRV records in an answer of a name server (RFC 1035 § 4, RFC 2782).
///
/// A pure parser for bytes that come from the network: whatever they are, it ends, and reads nothing outside of them.
public struct DNSMessage: Hashable, Sendable {
    /// Why bytes are no DNS message that can be used.
    public struct Malformed: Error, Hashable, Sendable, CustomStringConvertible {
        /// What is wrong with it.
        public let description: String
    }

    /// The server's verdict (RFC 1035 § 4.1.1, RCODE); 0 is "no error".
    public let responseCode: Int
    /// The SRV records of class IN in the answer section, in the order in which they stand there.
    public let services: [ServiceRecord]

    /// Reads a message.
    ///
    /// - Throws: ``Malformed``.
    public init(_ bytes: [UInt8]) throws {
        var reader = Reader(bytes)
        _ = try reader.number16()
        let flags = try reader.number16()
        guard flags & 0x8000 != 0 else { throw Malformed(description: "it is a question, not an answer") }
        responseCode = flags & 0xF
        let questions = try reader.number16()
        let answers = try reader.number16()
        _ = try reader.number16()
        _ = try reader.number16()
        for _ in 0..<questions {
            try reader.skipName()
            _ = try reader.number16()
            _ = try reader.number16()
        }
        var services: [ServiceRecord] = []
        for _ in 0..<answers {
            try reader.skipName()
            let type = try reader.number16()
            let recordClass = try reader.number16()
            _ = try reader.number16()
            _ = try reader.number16()
            let length = try reader.number16()
            let end = reader.offset + length
            guard end <= bytes.count else { throw Malformed(description: "a record is longer than the message") }
            if type == Self.srv, recordClass == 1 {
                let priority = try reader.number16()
                let weight = try reader.number16()
                let port = try reader.number16()
                let target = try reader.name()
                guard reader.offset <= end else { throw Malformed(description: "a record's data is longer than the record") }
                services.append(ServiceRecord(priority: priority, weight: weight, port: port, target: target))
            }
            reader.offset = end
        }
        self.services = services
    }

    /// The type of SRV records (RFC 2782).
    static let srv = 33

    private struct Reader {
        private let bytes: [UInt8]
        var offset = 0

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
        }

        mutating func number8() throws -> Int {
            guard offset < bytes.count else { throw Malformed(description: "it is cut off") }
            defer { offset += 1 }
            return Int(bytes[offset])
        }

        mutating func number16() throws -> Int {
            try number8() << 8 | number8()
        }

        /// Moves past a domain name.
        mutating func skipName() throws {
            while true {
                let count = try number8()
                switch count >> 6 {
                case 0 where count == 0: return
                case 0: offset += count
                case 3:
                    _ = try number8()
                    return
                default: throw Malformed(description: "a name's label has an unknown type")
                }
            }
        }

        /// Reads a host name with its compression pointers (RFC 1035 § 4.1.4), without the final dot; the root is empty.
        mutating func name() throws -> String {
            var labels: [String] = []
            var length = 0
            var resume: Int?
            // Pointers lead to what came before: each has to jump further back than the last, so no chain of them is endless.
            var floor = offset
            while true {
                let count = try number8()
                switch count >> 6 {
                case 0 where count == 0:
                    if let resume { offset = resume }
                    return labels.joined(separator: ".")
                case 0:
                    length += count + 1
                    guard length <= 255 else { throw Malformed(description: "a name is longer than 255 bytes") }
                    guard offset + count <= bytes.count else { throw Malformed(description: "it is cut off") }
                    labels.append(try Self.label(bytes[offset..<offset + count]))
                    offset += count
                case 3:
                    let target = try (count & 0x3F) << 8 | number8()
                    guard target < floor else { throw Malformed(description: "a name's compression pointer leads forward") }
                    floor = target
                    if resume == nil { resume = offset }
                    offset = target
                default:
                    throw Malformed(description: "a name's label has an unknown type")
                }
            }
        }

        /// A label of a host name. Other characters would have to be escaped, and name no host that could be connected to.
        private static func label(_ bytes: ArraySlice<UInt8>) throws -> String {
            for byte in bytes {
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "-"), UInt8(ascii: "_"):
                    continue
                default:
                    throw Malformed(description: "a name contains a character that no host name has")
                }
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
