internal import Crypto

/// One public key with its User IDs, subkeys and signatures, taken apart into packets (RFC 4880 § 11.1). Nothing is verified here:
/// that is GnuPG's work, on what is left after this.
struct Certificate: Sendable {
    /// A packet and the signatures that follow it.
    struct Part: Sendable {
        let tag: UInt8
        let packet: [UInt8]
        /// The packet's body: a User ID's text.
        let body: [UInt8]
        var signatures: [[UInt8]] = []
        /// The bodies of the signatures.
        var signatureBodies: [[UInt8]] = []
    }

    /// The primary key's fingerprint, as computed from its packet.
    let fingerprint: Fingerprint
    /// The primary key, the User IDs and the subkeys, in order.
    let parts: [Part]

    /// The longest key material that is read (S11).
    static let mostBytes = 65_536
    /// The most packets of which a certificate may consist (A20).
    static let mostPackets = 1_000

    /// Takes one certificate apart, armored or binary.
    ///
    /// - Throws: ``OpenPGPError`` with code `badKey` for secret keys, several certificates, versions other than 4, and what is too big.
    init(reading material: [UInt8]) throws(OpenPGPError) {
        // Armor is a third longer.
        guard material.count <= Self.mostBytes * 3 / 2 else { throw Self.tooBig }
        let bytes = try Self.withoutArmor(material)
        guard bytes.count <= Self.mostBytes else { throw Self.tooBig }
        guard !bytes.isEmpty else { throw OpenPGPError(.badKey, "the key is empty") }
        let packets: [PacketReader.Packet]
        do {
            packets = try PacketReader.packets(of: bytes, most: Self.mostPackets)
        } catch {
            throw OpenPGPError(.badKey, "not an OpenPGP key: \(error.words)")
        }
        // The first look is for secrets, wherever they stand.
        if packets.contains(where: { $0.tag == Tag.secretKey || $0.tag == Tag.secretSubkey }) {
            throw OpenPGPError(.badKey, "this is a secret key; only public keys are accepted")
        }
        guard packets.first?.tag == Tag.publicKey else { throw OpenPGPError(.badKey, "this does not begin with a public key") }
        guard packets.count(where: { $0.tag == Tag.publicKey }) == 1 else {
            throw OpenPGPError(.badKey, "there is more than one key; exactly one is accepted")
        }
        var parts: [Part] = []
        for packet in packets {
            let whole = Array(bytes[packet.whole])
            let body = Array(bytes[packet.body])
            switch packet.tag {
            case Tag.publicKey, Tag.publicSubkey:
                guard body.first == 4 else {
                    throw OpenPGPError(.badKey, "the key is of version \(body.first ?? 0); only version 4 is accepted")
                }
                parts.append(Part(tag: packet.tag, packet: whole, body: body))
            case Tag.userID, Tag.userAttribute: parts.append(Part(tag: packet.tag, packet: whole, body: body))
            case Tag.signature:
                parts[parts.count - 1].signatures.append(whole)
                parts[parts.count - 1].signatureBodies.append(body)
            case Tag.trust, Tag.marker, Tag.padding: continue
            default: throw OpenPGPError(.badKey, "a packet of kind \(packet.tag) does not belong into a key")
            }
        }
        self.parts = parts
        guard let fingerprint = Self.fingerprint(ofKeyBody: parts[0].body) else { throw OpenPGPError(.badKey, "the key is malformed") }
        self.fingerprint = fingerprint
    }

    /// The texts of the User IDs, as bytes.
    var userIDs: [[UInt8]] { parts.filter { $0.tag == Tag.userID }.map(\.body) }

    /// The certificate with only those User IDs that are byte for byte one of `texts`, and no user attributes (photographs).
    func keeping(_ texts: Set<[UInt8]>) -> [UInt8] {
        parts.filter { part in
            switch part.tag {
            case Tag.userID: texts.contains(part.body)
            case Tag.userAttribute: false
            default: true
            }
        }
        .flatMap { $0.packet + $0.signatures.flatMap(\.self) }
    }

    /// The fingerprint of a version 4 key (RFC 4880 § 12.2).
    private static func fingerprint(ofKeyBody body: [UInt8]) -> Fingerprint? {
        guard body.count <= 0xffff, body.count >= 6 else { return nil }
        var hash = Insecure.SHA1()
        hash.update(data: [0x99, UInt8(body.count >> 8), UInt8(body.count & 0xff)])
        hash.update(data: body)
        let digits = Array("0123456789ABCDEF")
        return Fingerprint(String(hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }))
    }

    private static let tooBig = OpenPGPError(.badKey, "the key is longer than 64 KiB")

    private static func withoutArmor(_ material: [UInt8]) throws(OpenPGPError) -> [UInt8] {
        guard ASCIIArmor.isArmored(material) else { return material }
        let block: (kind: ASCIIArmor.Kind, bytes: [UInt8])
        do {
            block = try ASCIIArmor.decode(material)
        } catch {
            throw OpenPGPError(.badKey, "the key's ASCII armor is broken")
        }
        switch block.kind {
        case .publicKey: return block.bytes
        case .privateKey: throw OpenPGPError(.badKey, "this is a secret key; only public keys are accepted")
        default: throw OpenPGPError(.badKey, "this is not a key")
        }
    }
}
