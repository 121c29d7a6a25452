/// The outer form of a detached signature: signature packets and nothing else (RFC 4880 § 11.4).
///
/// gpg sees only these packets, each alone. Given several at once, it checks just the first where their classes differ, and it would take a
/// whole signed message for a signature that has its own idea of the data.
struct DetachedSignature: Sendable {
    /// One signature.
    struct Part: Sendable {
        let packet: [UInt8]
        let version: UInt8
        /// 0 for one over bytes, 1 for one over text, whose line ends aren't signed.
        let isText: Bool
    }

    let parts: [Part]

    /// The longest signature that is read, in bytes without armor.
    static let mostBytes = 65_536

    /// Reads the outer form, armored or binary.
    ///
    /// - Throws: ``OpenPGPError`` with code `tooBig` or `malformed`: more than 16 signatures, one that is not over data, other packets
    ///   (A11), something around the armor.
    init(reading data: [UInt8]) throws(OpenPGPError) {
        guard data.count <= Self.mostBytes * 3 / 2 else { throw Self.tooBig }
        let bytes = try Self.withoutArmor(data)
        guard bytes.count <= Self.mostBytes else { throw Self.tooBig }
        guard !bytes.isEmpty else { throw OpenPGPError(.malformed, "the signature is empty") }
        let packets: [PacketReader.Packet]
        do {
            packets = try PacketReader.packets(of: bytes, most: StatusLog.mostSignatures)
        } catch .tooManyPackets {
            throw OpenPGPError(.malformed, "there are too many signatures")
        } catch {
            throw OpenPGPError(.malformed, "not an OpenPGP signature: \(error.words)")
        }
        var parts: [Part] = []
        for packet in packets {
            guard packet.tag == Tag.signature else {
                throw OpenPGPError(.malformed, "a packet of kind \(packet.tag) does not belong into a detached signature")
            }
            let body = bytes[packet.body]
            guard let version = body.first, let type = Self.type(body) else {
                throw OpenPGPError(.malformed, "a signature that ends too early")
            }
            guard type <= 1 else { throw OpenPGPError(.malformed, "a signature of class \(type), which is not one over data") }
            parts.append(Part(packet: Array(bytes[packet.whole]), version: version, isText: type == 1))
        }
        self.parts = parts
    }

    /// The class stands behind the version, in version 3 behind a length.
    private static func type(_ body: ArraySlice<UInt8>) -> UInt8? {
        let rest = body.dropFirst()
        return body.first ?? 0 < 4 ? rest.dropFirst().first : rest.first
    }

    private static let tooBig = OpenPGPError(.tooBig, "the signature is longer than 64 KiB")

    private static func withoutArmor(_ data: [UInt8]) throws(OpenPGPError) -> [UInt8] {
        guard ASCIIArmor.isArmored(data) else { return data }
        let block: (kind: ASCIIArmor.Kind, bytes: [UInt8])
        do {
            block = try ASCIIArmor.decode(data)
        } catch {
            throw OpenPGPError(.malformed, "the signature's ASCII armor is broken, or something stands around it")
        }
        guard block.kind == .signature else { throw OpenPGPError(.malformed, "this is armored as something else than a signature") }
        return block.bytes
    }
}
