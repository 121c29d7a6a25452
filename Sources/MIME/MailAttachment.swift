/// A file in a mail.
public struct MailAttachment: Hashable, Sendable {
    /// The file's name. What ``MailReader`` gives is made harmless: no folders, no control characters, nothing that turns text around,
    /// at most 200 bytes. Nil if the sender gave none.
    public var name: String?
    /// The media type, `type/subtype` in lower case, without parameters.
    public var type: String
    /// The content, decoded.
    public var bytes: [UInt8]

    /// Makes an attachment.
    public init(name: String?, type: String = "application/octet-stream", bytes: [UInt8]) {
        self.name = name
        self.type = type
        self.bytes = bytes
    }

    /// Our own key, as mail programs offer it for import (RFC 3156 § 7; R23).
    /// - Parameters:
    ///   - armored: the public key in ASCII armor.
    ///   - fingerprint: in hexadecimal digits; it names the file.
    public static func publicKey(_ armored: [UInt8], fingerprint: String) -> MailAttachment {
        MailAttachment(name: "OpenPGP_0x\(fingerprint.uppercased()).asc", type: "application/pgp-keys", bytes: armored)
    }
}
