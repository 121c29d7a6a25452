public import OX
public import OpenPGP
public import XML
public import XMPP

/// `urn:xmpp:gre:encrypter:openpgp:0`: a signed and encrypted OpenPGP message as base64 in `<encrypted/>` (GRE Encrypter: OpenPGP).
public struct OpenPGPEncrypter: GatewayEncrypter {
    /// The namespace, which accounts announce.
    public static let namespace = "urn:xmpp:gre:encrypter:openpgp:0"
    /// The longest base64 that is decoded, in bytes (S9): files come in mail, so it is more than in a chat. Servers have limits of their own.
    public static let base64Limit = 16 << 20

    /// `openpgp`.
    public let name = "openpgp"
    /// 0.
    public let version = 0
    /// What a decrypted message may cost.
    public var limits: OpenLimits
    private let engine: any OpenPGPEngine
    private let directory: KeyDirectory
    private let certificates = CertificateCache()

    /// Makes the encrypter of one account.
    ///
    /// - Parameters:
    ///   - engine: The account's keyring.
    ///   - directory: The account's knowledge of keys; the gateway must be among those that it was made with.
    ///   - limits: What a decrypted message may cost.
    public init(
        engine: any OpenPGPEngine,
        directory: KeyDirectory,
        limits: OpenLimits = OpenLimits(plaintextBytes: 16 << 20, time: .seconds(60))
    ) {
        self.engine = engine
        self.directory = directory
        self.limits = limits
    }

    /// Signs with our key and encrypts to all usable keys of the recipient and to our own (E9, R20).
    public func encrypt(_ content: [UInt8], to recipient: LegacyAddress, data: GatewayData) async throws(SealError) -> GatewayCiphertext {
        let keys = try await directory.recipients(for: recipient.jid)
        do {
            return GatewayCiphertext(encryptedBytes: try await engine.seal(content, signer: keys.own, recipients: keys.all))
        } catch let error as OpenPGPError where error.code == .unusableKey {
            throw SealError(.noUsableKey, "a key of \(recipient) or our own can't be used: \(error.message)")
        } catch {
            throw SealError(.engine, (error as? OpenPGPError)?.message ?? "the OpenPGP engine failed")
        }
    }

    /// Base64 of a binary or armored OpenPGP message, line breaks tolerated (T1).
    public func ciphertext(in element: Element) throws(OpenRefusal) -> [UInt8] {
        guard element.elements.isEmpty else { throw OpenRefusal(.envelope, "<encrypted/> contains elements") }
        let text = element.text
        guard text.utf8.count <= Self.base64Limit else {
            throw OpenRefusal(.envelope, "<encrypted/> is longer than \(Self.base64Limit) bytes")
        }
        guard let bytes = Base64.decode(tolerant: text.utf8), let message = Self.binary(bytes) else {
            throw OpenRefusal(.envelope, "<encrypted/> is not the base64 of an OpenPGP message")
        }
        return message
    }

    /// Decrypts; S1 and S9 hold.
    public func decrypt(_ ciphertext: [UInt8]) async throws(OpenRefusal) -> OpenedData {
        do {
            return try await engine.open(ciphertext, limits: limits)
        } catch {
            throw Self.refusal(error)
        }
    }

    /// Judges a detached signature (RFC 3156 § 6.1).
    public func verify(_ part: SignedPart) async throws(OpenRefusal) -> [SignatureInfo] {
        do {
            return try await engine.verify(part.content, signature: part.signature)
        } catch {
            throw Self.refusal(error)
        }
    }

    /// Our key with the one User ID that names our mail address; it gets that User ID now if it has none yet (R16).
    public func ownKey(for senderID: String) async throws(SealError) -> MailCertificate? {
        guard let mailbox = UserIDMailbox(address: senderID) else {
            throw SealError(.noGatewayData, "the gateway's sender_id is no mail address")
        }
        guard let own = try await directory.ownFingerprint() else {
            throw SealError(.noOwnKey, "\(directory.account) has no key of its own yet")
        }
        if let known = certificates[own, mailbox] { return known }
        do {
            if let info = try await engine.key(own), info.userIDs(for: mailbox).isEmpty {
                try await engine.addUserID(mailbox.userID, to: own)
            }
            let certificate = try await engine.mailCertificate(own, mailbox: mailbox)
            certificates[own, mailbox] = certificate
            return certificate
        } catch {
            throw SealError(.engine, (error as? OpenPGPError)?.message ?? "the OpenPGP engine failed")
        }
    }

    /// The binary message in bytes that may be armored, so that a message has one hash however it was wrapped (A5).
    static func binary(_ bytes: [UInt8]) -> [UInt8]? {
        guard let first = bytes.first else { return nil }
        if first & 0x80 != 0 { return bytes }
        guard let block = try? ASCIIArmor.decode(bytes), block.kind == .message, !block.bytes.isEmpty else { return nil }
        return block.bytes
    }

    private static func refusal(_ error: any Error) -> OpenRefusal {
        (error as? OpenPGPError).map { OpenRefusal($0) } ?? OpenRefusal(.failure, "the OpenPGP engine failed")
    }
}
