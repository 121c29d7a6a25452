/// What can be told about a message without any key.
public enum MessageForm {
    /// Whether the bytes are an encrypted message and nothing else: session keys for public keys, then one container with integrity
    /// protection, in binary form (R24, S1).
    ///
    /// It is stricter than what ``OpenPGPEngine/open(_:limits:)`` puts up with: no ASCII armor, and no marker or padding packets, whose
    /// content nobody reads and which could carry a text in the clear past a gateway. Whether the container can be decrypted, and what is
    /// in it, takes a key to say.
    public static func isEncryptedOnly(_ bytes: [UInt8]) -> Bool {
        guard !ASCIIArmor.isArmored(bytes), (try? EncryptedMessage(reading: bytes)) != nil,
            let packets = try? PacketReader.packets(of: bytes, most: EncryptedMessage.mostRecipients + 2)
        else { return false }
        return packets.dropLast().allSatisfy { $0.tag == Tag.sessionKey }
    }
}
