/// The hashed subpackets of a version 4 signature (RFC 4880 § 5.2.3).
struct SignatureFields: Sendable {
    static let features: UInt8 = 30
    static let preferredAEAD: UInt8 = 34
    static let preferredSuites: UInt8 = 39

    private var subpackets: [(type: UInt8, body: [UInt8])] = []

    /// Reads a signature packet's body; `nil` if it is not of version 4 or malformed.
    init?(_ body: [UInt8]) {
        guard body.count >= 6, body[0] == 4 else { return nil }
        let length = Int(body[4]) << 8 | Int(body[5])
        guard length <= body.count - 6 else { return nil }
        var rest = body[6..<6 + length]
        while let first = rest.popFirst() {
            let size: Int
            switch first {
            case 0..<192: size = Int(first)
            case 255:
                guard rest.count >= 4 else { return nil }
                size = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
                rest = rest.dropFirst(4)
            default:
                guard let second = rest.popFirst() else { return nil }
                size = (Int(first) - 192) << 8 + Int(second) + 192
            }
            guard size >= 1, size <= rest.count, let type = rest.first else { return nil }
            subpackets.append((type & 0x7f, Array(rest.prefix(size).dropFirst())))
            rest = rest.dropFirst(size)
        }
    }

    /// The body of the first hashed subpacket of this type.
    func hashed(_ type: UInt8) -> [UInt8]? { subpackets.first { $0.type == type }?.body }
}
