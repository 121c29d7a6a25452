/// The outer form of an encrypted message: session keys for public keys, then one encrypted container, and nothing else.
///
/// What gpg would make of anything else (passwords, plaintext beside the container, containers without integrity protection) is not
/// left to its options: it never sees it.
struct EncryptedMessage: Sendable {
    /// The message without armor.
    let bytes: [UInt8]
    /// How many keys it is encrypted to.
    let recipients: Int

    /// The most session keys that are looked at (A15); each costs a secret-key operation if its recipient is hidden.
    static let mostRecipients = 256
    /// The most of those whose recipient is hidden, so that we would have to try.
    static let mostHiddenRecipients = 16

    /// Reads the outer form. - Throws: ``OpenPGPError`` with code `malformed`, `notEncrypted`, or `integrity` (A16).
    init(reading data: [UInt8]) throws(OpenPGPError) {
        bytes = try Self.withoutArmor(data)
        guard !bytes.isEmpty else { throw OpenPGPError(.malformed, "the message is empty") }
        let packets: [PacketReader.Packet]
        do {
            packets = try PacketReader.packets(of: bytes, most: Self.mostRecipients + 2)
        } catch {
            throw OpenPGPError(.malformed, "not an OpenPGP message: \(error.words)")
        }
        var keys = 0
        var hidden = 0
        var container: UInt8?
        for packet in packets {
            switch packet.tag {
            case Tag.marker where container == nil: continue
            case Tag.padding: continue
            case Tag.sessionKey where container == nil:
                keys += 1
                if Self.isHidden(bytes[packet.body]) { hidden += 1 }
            case Tag.encrypted where container == nil, Tag.encryptedAEAD where container == nil: container = packet.tag
            case Tag.encryptedWithoutIntegrity:
                throw OpenPGPError(.integrity, "the message is encrypted without integrity protection")
            case Tag.passwordSessionKey:
                throw OpenPGPError(.malformed, "the message is encrypted with a password, which is not accepted")
            case Tag.literal, Tag.compressed, Tag.signature, Tag.onePassSignature:
                if keys == 0, container == nil { throw OpenPGPError(.notEncrypted, "the message is not encrypted") }
                throw OpenPGPError(.malformed, "there is something beside the encrypted part of the message")
            default: throw OpenPGPError(.malformed, "a packet of kind \(packet.tag) does not belong into a message")
            }
        }
        guard container != nil else { throw OpenPGPError(.malformed, "the message has no encrypted part") }
        guard keys > 0 else { throw OpenPGPError(.noSecretKey, "the message is encrypted to no key") }
        guard keys <= Self.mostRecipients, hidden <= Self.mostHiddenRecipients else {
            throw OpenPGPError(.malformed, "the message is encrypted to too many keys")
        }
        recipients = keys
    }

    private static func withoutArmor(_ data: [UInt8]) throws(OpenPGPError) -> [UInt8] {
        guard ASCIIArmor.isArmored(data) else { return data }
        let block: (kind: ASCIIArmor.Kind, bytes: [UInt8])
        do {
            block = try ASCIIArmor.decode(data)
        } catch {
            throw OpenPGPError(.malformed, "the message's ASCII armor is broken")
        }
        switch block.kind {
        case .message: return block.bytes
        case .signedText, .signature: throw OpenPGPError(.notEncrypted, "the message is not encrypted")
        default: throw OpenPGPError(.malformed, "this is a key, not a message")
        }
    }

    /// Version 3 session key packets name a key ID, which is zero if the sender hides it.
    private static func isHidden(_ body: ArraySlice<UInt8>) -> Bool {
        guard body.count >= 9, body.first == 3 else { return true }
        return body.dropFirst().prefix(8).allSatisfy { $0 == 0 }
    }
}
