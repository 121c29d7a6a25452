public import OpenPGP
public import XML
public import XMPP

/// Makes sealed messages: one recipient, one `<signcrypt/>` (R8), encrypted to all usable keys of the recipient and to our own (E9).
///
/// There is no way to get anything but ciphertext out of it.
public struct Sealer: Sendable {
    /// Our bare JID.
    public let account: Address
    private let engine: any OpenPGPEngine
    private let directory: KeyDirectory
    private let padding: Padding
    private let clock: @Sendable () -> Int64

    /// Makes a sealer for one account.
    ///
    /// - Parameters:
    ///   - engine: The account's keyring.
    ///   - directory: The account's knowledge of keys.
    ///   - padding: Where `<rpad/>` comes from.
    ///   - clock: The time in seconds since 1970.
    public init(
        engine: any OpenPGPEngine,
        directory: KeyDirectory,
        padding: Padding = .random,
        clock: @escaping @Sendable () -> Int64
    ) {
        self.account = directory.account
        self.engine = engine
        self.directory = directory
        self.padding = padding
        self.clock = clock
    }

    /// Signs and encrypts a payload.
    ///
    /// The recipient's list of keys is read again first if that was last done more than an hour ago (R15); this may take as long as the
    /// directory's time limits allow. The content names the recipient's bare JID; the stanza goes to `recipient` as it is.
    ///
    /// - Parameters:
    ///   - payload: At least one element; bodies are put in front (E6).
    ///   - recipient: Whom it is for (full or bare JID).
    ///   - id: The stanza's id.
    ///   - requestsReceipt: Whether to ask for a delivery receipt.
    /// - Throws: ``SealError``.
    @concurrent
    public func seal(
        _ payload: [Element],
        to recipient: Address,
        id: String,
        requestsReceipt: Bool = false
    ) async throws(SealError) -> SealedMessage {
        guard !payload.isEmpty else { throw SealError(.payload, "there is nothing to send: the payload is empty") }
        if let wrapper = payload.first(where: { $0.isWrapper || $0.is("openpgp", Namespace.openPGP) }) {
            throw SealError(.payload, "<\(wrapper.local)/> may not stand in a payload: every receiver refuses it")
        }
        let keys = try await directory.recipients(for: recipient.bare)
        // The time is taken after the look-up, which may have taken a while.
        let content = Signcrypt(to: [recipient.bare], time: clock(), padding: padding(), payload: payload)
        let message: [UInt8]
        do {
            message = try await engine.seal(Array(content.text.utf8), signer: keys.own, recipients: keys.all)
        } catch let error as OpenPGPError where error.code == .unusableKey {
            throw SealError(.noUsableKey, "a key of \(recipient.bare) or our own can't be used: \(error.message)")
        } catch let error as OpenPGPError {
            throw SealError(.engine, error.message)
        } catch {
            throw SealError(.engine, "the OpenPGP engine failed")
        }
        return SealedMessage(
            id: id,
            to: recipient,
            envelope: .openPGP(base64: Base64.encode(message)),
            requestsReceipt: requestsReceipt
        )
    }
}
