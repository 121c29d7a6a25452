/// What RFC 3156 says about the root of an entity. Only the root counts: a signature further in covers not all, and so proves nothing here.
public enum PGPStructure: Hashable, Sendable {
    /// Neither signed nor encrypted at the root.
    case plain
    /// multipart/signed (§ 5): the signature covers everything.
    case signed(Signed)
    /// multipart/encrypted (§ 4): the OpenPGP message, armored or not, transfer encoding undone.
    case encrypted([UInt8])

    /// The two parts of a signed mail.
    public struct Signed: Hashable, Sendable {
        /// What was signed, to the byte as it stood, header of the part included; lone LF line ends made CRLF, as § 5 wants it signed.
        /// It is an entity for ``MailReader``, which sees nothing that isn't signed.
        public var content: [UInt8]
        /// The detached signature, armored or not, transfer encoding undone.
        public var signature: [UInt8]
        /// `micalg` of the Content-Type, in lower case (`pgp-sha512`); nothing may depend on it.
        public var hash: String?

        /// Makes one.
        public init(content: [UInt8], signature: [UInt8], hash: String? = nil) {
            self.content = content
            self.signature = signature
            self.hash = hash
        }
    }

    /// Reads the structure of an entity.
    /// - Throws: `malformed` if the root says multipart/signed or multipart/encrypted but isn't what RFC 3156 says it must be, with parts, text before
    ///   the first or behind the last one included; the codes of ``MailReader/read(_:)``.
    public static func of(_ bytes: [UInt8], limits: MailLimits = MailLimits()) throws(MIMEError) -> PGPStructure {
        throw MIMEError(.malformed, "Not yet.")
    }
}
