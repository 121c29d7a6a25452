extension WebKeyDirectory {
    /// The one certificate in a directory's answer that is about a mailbox, in binary form.
    ///
    /// An answer may be several certificates one behind the other (draft-koch-openpgp-webkey-service § 3.1: revoked keys beside the one in use).
    /// Then only the one counts that has a User ID with the mailbox, as it is written; of several such, the one that carries no revocation. An answer
    /// of one certificate is that certificate, whatever it carries. ASCII armor, which the draft doesn't have, is taken off.
    ///
    /// This is a choice and no check: no signature is verified, ``OpenPGPEngine/inspect(_:)`` does that. Whoever adds or strips a revocation
    /// without being able to sign it can hide a certificate, which who gives the answer can do anyway.
    /// - Throws: ``OpenPGPError`` with code `badKey` if the answer is no public key, or doesn't say which of several it is.
    public static func certificate(of mailbox: UserIDMailbox, in answer: [UInt8]) throws(OpenPGPError) -> [UInt8] {
        let bytes = try withoutArmor(answer)
        let blocks = try blocks(of: bytes)
        guard blocks.count > 1 else { return bytes }
        let own = blocks.filter { $0.userIDs.contains { UserIDMailbox(userID: $0) == mailbox } }
        let valid = own.filter { !$0.isRevoked }
        // If all are revoked, one of them still has to reach the keyring, if it is there: the first.
        guard let chosen = valid.first ?? own.first else {
            throw OpenPGPError(.badKey, "none of the \(blocks.count) keys in the answer is for the mailbox that was asked about")
        }
        guard valid.count <= 1 else {
            throw OpenPGPError(.badKey, "the answer has \(valid.count) keys for this mailbox and doesn't say which one counts")
        }
        return Array(bytes[chosen.whole])
    }

    private struct Block {
        var whole: Range<Int>
        var userIDs: [String] = []
        var isRevoked = false
        /// Only signatures before the first other packet are about the primary key.
        var isAtPrimary = true
    }

    private static func blocks(of bytes: [UInt8]) throws(OpenPGPError) -> [Block] {
        let packets: [PacketReader.Packet]
        do {
            packets = try PacketReader.packets(of: bytes, most: Certificate.mostPackets)
        } catch {
            throw OpenPGPError(.badKey, "not an OpenPGP key: \(error.words)")
        }
        guard packets.first?.tag == Tag.publicKey else { throw OpenPGPError(.badKey, "this does not begin with a public key") }
        var blocks: [Block] = []
        for packet in packets {
            if packet.tag == Tag.publicKey {
                blocks.append(Block(whole: packet.whole))
                continue
            }
            let last = blocks.count - 1
            blocks[last].whole = blocks[last].whole.lowerBound..<packet.whole.upperBound
            switch packet.tag {
            case Tag.userID:
                if let text = String(validating: bytes[packet.body], as: UTF8.self) { blocks[last].userIDs.append(text) }
                blocks[last].isAtPrimary = false
            case Tag.signature where blocks[last].isAtPrimary:
                // RFC 4880 § 5.2.1: the second octet of a version 4 signature is its type, 0x20 revokes a key.
                let body = bytes[packet.body]
                if body.count > 1, body[body.startIndex] == 4, body[body.startIndex + 1] == 0x20 { blocks[last].isRevoked = true }
            case Tag.signature, Tag.trust, Tag.marker, Tag.padding: break
            default: blocks[last].isAtPrimary = false
            }
        }
        return blocks
    }

    private static func withoutArmor(_ answer: [UInt8]) throws(OpenPGPError) -> [UInt8] {
        guard ASCIIArmor.isArmored(answer) else { return answer }
        let block: (kind: ASCIIArmor.Kind, bytes: [UInt8])
        do {
            block = try ASCIIArmor.decode(answer)
        } catch {
            throw OpenPGPError(.badKey, "the key's ASCII armor is broken")
        }
        guard block.kind == .publicKey else { throw OpenPGPError(.badKey, "this is not a public key") }
        return block.bytes
    }
}
