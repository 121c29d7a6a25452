/// What RFC 3156 says about the root of an entity. Only the root counts: a signature further in doesn't cover all, and so proves nothing here.
public enum PGPStructure: Hashable, Sendable {
    /// Neither signed nor encrypted at the root.
    case plain
    /// multipart/signed (§ 5): the signature covers everything that is read of the mail.
    case signed(Signed)
    /// multipart/encrypted (§ 4): the OpenPGP message, armored or not, transfer encoding undone.
    case encrypted([UInt8])

    /// The two parts of a signed mail.
    public struct Signed: Hashable, Sendable {
        /// What was signed, to the byte as it stood, its header included; lone LF line ends made CRLF, as § 5 wants it signed.
        /// It is an entity for ``MailReader``, which so sees nothing that isn't signed: not the root's header, not what stands around the parts.
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

    /// Reads the structure of an entity, without looking into its parts further than their headers.
    /// - Throws: `malformed` if the root says multipart/signed or multipart/encrypted with OpenPGP's protocol but hasn't exactly the two parts of
    ///   RFC 3156; `ambiguous` if two readers could find different parts; the codes of ``MailReader/read(_:)`` for what exceeds the limits.
    public static func of(_ bytes: [UInt8], limits: MailLimits = MailLimits()) throws(MIMEError) -> PGPStructure {
        let root = try MailReader.root(bytes, limits)
        let type = try root.contentType()
        switch (type.main, type["protocol"]?.lowercased()) {
        case ("multipart/signed", "application/pgp-signature"):
            let (content, signature) = try two(root, type, limits, "multipart/signed")
            guard try signature.contentType().main == "application/pgp-signature" else {
                throw MIMEError(.malformed, "The second part of the signed mail is no application/pgp-signature.")
            }
            return .signed(
                Signed(content: canonical(bytes[content.whole]), signature: try signature.content(), hash: type["micalg"]?.lowercased())
            )
        case ("multipart/encrypted", "application/pgp-encrypted"):
            let (control, message) = try two(root, type, limits, "multipart/encrypted")
            guard try control.contentType().main == "application/pgp-encrypted" else {
                throw MIMEError(.malformed, "The first part of the encrypted mail is no application/pgp-encrypted.")
            }
            guard try message.contentType().main == "application/octet-stream" else {
                throw MIMEError(.malformed, "The second part of the encrypted mail is no application/octet-stream.")
            }
            return .encrypted(try message.content())
        default:
            // S/MIME too: nothing that we could verify, so it counts as unsigned.
            return .plain
        }
    }

    private static func two(
        _ root: Entity,
        _ type: ParameterValue,
        _ limits: MailLimits,
        _ name: String
    ) throws(MIMEError) -> (Entity, Entity) {
        var counter = PartCounter(limits)
        let parts = try root.parts(type["boundary"], counter: &counter)
        guard parts.count == 2 else {
            throw MIMEError(.malformed, "The mail is \(name), but has \(parts.count) parts where RFC 3156 wants two.")
        }
        return (parts[0], parts[1])
    }

    /// Lone LFs made CRLF.
    private static func canonical(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var last: UInt8 = 0
        for byte in bytes {
            if byte == 0x0A, last != 0x0D { result.append(0x0D) }
            result.append(byte)
            last = byte
        }
        return result
    }
}
