public import OX
public import OpenPGP
public import XML
public import XMPP

/// Signs and encrypts what a formatter has made, and opens what comes (GRE § Encrypter).
///
/// A kind is one type and one entry in an ``EncrypterRegistry``. What it gives out is ciphertext, by type; who signed is reported, and judged
/// elsewhere.
public protocol GatewayEncrypter: Sendable {
    /// The short name in its namespace, such as `openpgp`.
    var name: String { get }
    /// The version of its specification.
    var version: Int { get }
    /// Whether the gateway's data must be fetched again for each message (GRE § Business Rules).
    var needsFreshData: Bool { get }

    /// Signs, and encrypts to the recipient and to ourselves. Never without a signature.
    ///
    /// - Throws: ``OX/SealError``.
    func encrypt(_ content: [UInt8], to recipient: LegacyAddress, data: GatewayData) async throws(SealError) -> GatewayCiphertext

    /// The ciphertext in `<encrypted/>`, within limits and without any cryptography.
    ///
    /// - Throws: ``OX/OpenRefusal`` with reason `envelope`.
    func ciphertext(in element: Element) throws(OpenRefusal) -> [UInt8]

    /// Decrypts; signatures inside of the ciphertext are reported.
    ///
    /// - Throws: ``OX/OpenRefusal``.
    func decrypt(_ ciphertext: [UInt8]) async throws(OpenRefusal) -> OpenedData

    /// Judges a detached signature.
    ///
    /// - Throws: ``OX/OpenRefusal``.
    func verify(_ part: SignedPart) async throws(OpenRefusal) -> [SignatureInfo]

    /// Our key as the other network's people get it, under the name that the gateway gives us (R16, R23); `nil` if they need none.
    ///
    /// - Throws: ``OX/SealError``.
    func ownKey(for senderID: String) async throws(SealError) -> MailCertificate?
}

extension GatewayEncrypter {
    /// Its name with its version.
    public var kindName: KindName { KindName(.encrypter, name, version) }
    /// Data are cached for a session, as the specification expects.
    public var needsFreshData: Bool { false }
    /// There are no detached signatures.
    public func verify(_ part: SignedPart) async throws(OpenRefusal) -> [SignatureInfo] {
        throw OpenRefusal(.unsigned, "this encrypter knows no detached signatures")
    }
    /// Nobody needs it.
    public func ownKey(for senderID: String) async throws(SealError) -> MailCertificate? { nil }
}
