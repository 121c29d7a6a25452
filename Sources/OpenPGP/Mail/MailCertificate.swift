/// A key as mail users get it: its minimal certificate with the mailbox as the only User ID (R16, R23).
public struct MailCertificate: Hashable, Sendable {
    /// The mailbox that it is for.
    public let mailbox: UserIDMailbox
    /// Its only User ID.
    public let userID: String
    /// The primary key's fingerprint.
    public let fingerprint: Fingerprint
    /// The certificate in binary form: what a Web Key Directory's file and an `Autocrypt` header hold.
    public let bytes: [UInt8]

    /// The certificate in ASCII armor: what a part of type `application/pgp-keys` and a file for people hold.
    public var armored: String { ASCIIArmor.encode(bytes, as: .publicKey) }

    /// Where a Web Key Directory has it; `nil` for a domain that isn't in ASCII.
    public var directory: WebKeyDirectory? { WebKeyDirectory(mailbox) }

    /// The `Autocrypt` header for mail from this mailbox.
    public func autocrypt(prefersEncryption: Bool = true) -> AutocryptHeader {
        AutocryptHeader(mailbox: mailbox, prefersEncryption: prefersEncryption, keyData: bytes)
    }
}

extension OpenPGPEngine {
    /// The certificate of a key for mail: of its User IDs only the one of this mailbox.
    ///
    /// If several name the mailbox, it is the plain ``UserIDMailbox/userID``, else the first.
    /// - Throws: ``OpenPGPError`` with code `unusableKey` if the key isn't in the keyring or has no valid User ID for the mailbox; else what
    ///   ``export(_:userID:)`` throws.
    public func mailCertificate(_ fingerprint: Fingerprint, mailbox: UserIDMailbox) async throws -> MailCertificate {
        guard let info = try await key(fingerprint) else {
            throw OpenPGPError(.unusableKey, "the key \(fingerprint) is not in the keyring")
        }
        let candidates = info.userIDs(for: mailbox)
        guard let userID = candidates.first(where: { $0.utf8.elementsEqual(mailbox.userID.utf8) }) ?? candidates.first else {
            throw OpenPGPError(.unusableKey, "the key \(fingerprint) has no valid User ID for \(mailbox)")
        }
        let bytes = try await export(fingerprint, userID: userID)
        return MailCertificate(mailbox: mailbox, userID: userID, fingerprint: fingerprint, bytes: bytes)
    }
}
