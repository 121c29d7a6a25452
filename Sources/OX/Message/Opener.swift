import Crypto
public import OpenPGP
import XML
public import XMPP

/// Opens messages: decrypts, verifies, and holds them against everything that XEP-0373 § 3.2 and S1–S10 ask for.
///
/// What is thrown tells the operator why; the sender always gets the same answer, or none (R4, A28).
public struct Opener: Sendable {
    /// Our bare JID.
    public let account: Address
    /// What a decrypted message may cost.
    public var limits: OpenLimits
    /// How old a message may be.
    public var age: AgeCheck
    private let engine: any OpenPGPEngine
    private let directory: KeyDirectory

    /// Makes an opener for one account. Nothing is shared with other accounts: the engine is the account's own keyring (A29).
    public init(engine: any OpenPGPEngine, directory: KeyDirectory, age: AgeCheck, limits: OpenLimits = OpenLimits()) {
        self.account = directory.account
        self.engine = engine
        self.directory = directory
        self.age = age
        self.limits = limits
    }

    /// ``Envelope/examine(_:account:isAllowed:)`` for this account.
    public func examine(_ message: Message, isAllowed: Bool) -> Examination {
        Envelope.examine(message, account: account, isAllowed: isAllowed)
    }

    /// Decrypts and verifies one message.
    ///
    /// The caller has recorded ``Envelope/hash`` (R2); it also holds ``OpenedMessage/contentHash`` against what it has seen.
    ///
    /// - Parameters:
    ///   - envelope: What ``Envelope/examine(_:account:isAllowed:)`` took out.
    ///   - received: When the stanza arrived, in seconds since 1970, also when it is opened later.
    /// - Throws: ``OpenRefusal``. The reason `failure` means that something of ours failed: the message is worth another try.
    @concurrent
    public func open(_ envelope: Envelope, received: Int64) async throws(OpenRefusal) -> OpenedMessage {
        let (data, signer, source) = try await verified(envelope)
        let content = try Signcrypt(parsing: data.plaintext)
        guard content.to.contains(where: { $0.bare == account }) else {
            throw OpenRefusal(.addressee, "we are not among the content's addressees")
        }
        try age.judge(time: content.time, signatures: data.signatures.map(\.created), received: received, delays: envelope.delays)
        guard !content.payload.contains(where: \.containsSmuggledMessage) else {
            throw OpenRefusal(.smuggling, "the payload contains another message")
        }
        return OpenedMessage(
            account: account,
            sender: envelope.sender,
            signer: signer,
            source: source,
            time: content.time,
            payload: content.payload.filter { !$0.isIgnoredInPayload },
            hash: envelope.hash,
            contentHash: hexadecimal(SHA256.hash(data: data.plaintext)),
            id: envelope.id,
            originID: envelope.originID,
            thread: content.payload.first { $0.isThread }.map(\.text).flatMap { $0.isEmpty ? nil : $0 }
        )
    }

    /// Decrypts, and finds the one trusted key of the sender that has signed.
    private func verified(_ envelope: Envelope) async throws(OpenRefusal) -> (OpenedData, Fingerprint, Pin.Source) {
        var data = try await decrypted(envelope)
        var author = try await directory.judge(data.signatures, of: envelope.sender, mayReread: true)
        if author == nil {
            // R15: the sender may have a new key, or be new to us altogether.
            data = try await decrypted(envelope)
            author = try await directory.judge(data.signatures, of: envelope.sender, mayReread: false)
        }
        guard let author else { throw OpenRefusal(.failure, "the sender's keys can't be judged") }
        return (data, author.signer, author.source)
    }

    private func decrypted(_ envelope: Envelope) async throws(OpenRefusal) -> OpenedData {
        do {
            return try await engine.open(envelope.message, limits: limits)
        } catch let error as OpenPGPError {
            throw OpenRefusal(error)
        } catch {
            throw OpenRefusal(.failure, "the OpenPGP engine failed")
        }
    }

}

extension Element {
    /// R5: a message inside of the payload, at any depth.
    fileprivate var containsSmuggledMessage: Bool {
        self.is("openpgp", Namespace.openPGP) || isWrapper || elements.contains(where: \.containsSmuggledMessage)
    }

    var isThread: Bool {
        local == "thread" && (namespace == Namespace.client || namespace == Namespace.server)
    }

    /// R5: copies of what belongs to a stanza, which Libervia puts into the payload; they are never merged into it.
    fileprivate var isIgnoredInPayload: Bool {
        let ignored = [Namespace.stanzaIDs, Namespace.delay, Namespace.hints, Namespace.encryption]
        return isThread || ignored.contains(namespace)
    }
}
