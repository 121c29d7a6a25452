import Crypto
import MIME
public import OX
import OpenPGP
import XML
public import XMPP

/// Opens what gateways bring: decrypts, verifies, and holds it against R20 and R22.
///
/// Two roads lead in: `<encrypted/>`, as the specification has it, and a plain body that is exactly one armored encrypted message, which is
/// all that Libervia's gateway passes on (R22). Both end in payload elements, so that the same handlers serve people on XMPP and on other
/// networks. What nobody has signed is refused, unless the gateway's configuration accepts it; then it names no author (S19).
public struct GatewayOpener: Sendable {
    /// Our bare JID.
    public let account: Address
    /// How old a message may be. A mail may be any age up to its `maxAge`: nothing that could be checked says how long it was under way.
    public var age: AgeCheck
    private let directory: GatewayDirectory
    private let keys: KeyDirectory

    /// Makes an opener for one account.
    ///
    /// - Parameters:
    ///   - directory: What the account knows about its gateways.
    ///   - keys: The account's knowledge of keys; it was made with the same gateways.
    ///   - age: How old a message may be.
    public init(directory: GatewayDirectory, keys: KeyDirectory, age: AgeCheck) {
        account = directory.account
        self.directory = directory
        self.keys = keys
        self.age = age
    }

    /// Looks at a message from a gateway's domain, and takes out what is to be opened.
    ///
    /// Pure and fast. In this order: wrappers are refused (S16); what has neither body nor ciphertext is nothing; errors (which echo our own
    /// `<encrypted/>`), groupchat and headlines are refused; a sender who isn't allowed is refused (R3); a domain that is no gateway of this
    /// account is refused (S19), and so is the gateway itself as a sender; a message that isn't addressed to us is refused (S5). Then there
    /// must be exactly one `<encrypted/>`, with both attributes, each of which names a kind that we have; or, without any, a body that is
    /// exactly one armored encrypted message. A missing attribute is refused: no gateway is known to send any message without.
    ///
    /// - Parameters:
    ///   - message: The message as it came.
    ///   - isAllowed: Whether the account's rules let the sender speak to it (R3).
    public func examine(_ message: Message, isAllowed: Bool) -> Examination {
        let children = message.element.elements
        guard !children.contains(where: \.isWrapper) else {
            return .refused(OpenRefusal(.wrapper, "a carbon, an archive result or a forwarded message that nobody asked for"))
        }
        let sealed = children.filter { $0.is("encrypted", Namespace.gatewayRelay) }
        let bodies = children.filter { $0.is("body", message.element.namespace) }
        let others = children.contains { $0.is("openpgp", Namespace.openPGP) }
        if sealed.isEmpty && bodies.isEmpty && !others { return .nothing }
        do throws(OpenRefusal) {
            switch message.kind {
            case .chat, .normal: break
            case .error, .groupchat, .headline:
                throw OpenRefusal(.kind, "messages of type \(message.kind.rawValue) are not read")
            }
            guard isAllowed else { throw OpenRefusal(.notAllowed, "the sender is not allowed") }
            guard directory.gateway(of: message.from) != nil else {
                throw OpenRefusal(.notAGateway, "\(message.from.domain) is no gateway of this account")
            }
            guard message.from.local != nil else { throw OpenRefusal(.notAGateway, "a gateway itself writes no messages") }
            guard message.to.bare == account else { throw OpenRefusal(.addressee, "the stanza is addressed to somebody else") }
            guard !others else { throw OpenRefusal(.envelope, "<openpgp/> from somebody behind a gateway") }
            return .sealed(sealed.isEmpty ? try inline(bodies, message) : try relayed(sealed, message))
        } catch {
            return .refused(error)
        }
    }

    private func relayed(_ sealed: [Element], _ message: Message) throws(OpenRefusal) -> Envelope {
        guard sealed.count == 1, let element = sealed.first else {
            throw OpenRefusal(.envelope, "\(sealed.count) <encrypted/> elements instead of one")
        }
        guard let formatter = element["formatter"], let encrypter = element["encrypter"] else {
            throw OpenRefusal(.gatewayKind, "<encrypted/> doesn't say how it was formatted and encrypted")
        }
        guard directory.formatters[formatter] != nil else { throw OpenRefusal(.gatewayKind, "an unknown formatter") }
        guard let kind = directory.encrypters[encrypter] else { throw OpenRefusal(.gatewayKind, "an unknown encrypter") }
        let ciphertext = try kind.ciphertext(in: element)
        return Envelope(ciphertext, carrier: .gateway(formatter: formatter, encrypter: encrypter), of: message, account: account)
    }

    private func inline(_ bodies: [Element], _ message: Message) throws(OpenRefusal) -> Envelope {
        guard bodies.count == 1, let text = bodies.first?.text, !text.isEmpty else {
            // Libervia drops the ciphertext of PGP/MIME mails and passes on an empty body.
            throw OpenRefusal(.plaintext, bodies.count == 1 ? "an empty body without <encrypted/>" : "bodies without <encrypted/>")
        }
        guard text.utf8.count <= OpenPGPEncrypter.base64Limit, let armored = InlinePGP.message(in: text) else {
            throw OpenRefusal(.plaintext, "a body that isn't exactly one encrypted message")
        }
        guard let ciphertext = OpenPGPEncrypter.binary(Array(armored.utf8)) else {
            throw OpenRefusal(.envelope, "the armor of the message in the body is broken")
        }
        return Envelope(ciphertext, carrier: .inline, of: message, account: account)
    }

    /// Decrypts and verifies one message.
    ///
    /// The caller has recorded ``OX/Envelope/hash`` (R2); it also holds ``OX/OpenedMessage/contentHash`` against what it has seen from
    /// ``OX/OpenedMessage/replayName``.
    ///
    /// - Parameters:
    ///   - envelope: What ``examine(_:isAllowed:)`` took out.
    ///   - received: When the stanza arrived, in seconds since 1970, also when it is opened later.
    /// - Throws: ``OX/OpenRefusal``. The reason `failure` means that something of ours failed, or that the gateway can't be asked now: the
    ///   message is worth another try.
    @concurrent
    public func open(_ envelope: Envelope, received: Int64) async throws(OpenRefusal) -> OpenedMessage {
        guard let gateway = directory.gateway(of: envelope.sender) else {
            throw OpenRefusal(.notAGateway, "\(envelope.sender.domain) is no gateway of this account")
        }
        let (formatter, encrypter) = try await kinds(envelope)
        let verified = try await verified(envelope, formatter, encrypter)
        let content = if let formatter { try formatter.parse(verified.content) } else { try Self.text(verified.content) }
        try check(content.author, of: envelope.sender, gateway)
        for time in [content.date, verified.signature?.created].compactMap(\.self) {
            try age.judge(time: time, signatures: [], received: received, delays: envelope.delays + [time])
        }
        let authorship = verified.author.map { Authorship.verified(signer: $0.signer, source: $0.source) } ?? .unverified
        if authorship == .unverified, !gateway.acceptsUnsigned {
            throw OpenRefusal(.unsigned, "the message is not signed, and the configuration doesn't accept that from this gateway")
        }
        if verified.author != nil { await learn(content.autocrypt, of: envelope.sender) }
        return OpenedMessage(
            account: account,
            sender: envelope.sender,
            authorship: authorship,
            time: content.date ?? verified.signature?.created ?? received,
            payload: content.payload,
            hash: envelope.hash,
            contentHash: verified.hash,
            id: envelope.id,
            originID: envelope.originID,
            // Mail programs that protect no header leave it to the gateway to say which conversation this is (R21).
            thread: content.thread ?? envelope.thread,
            gateway: GatewayOrigin(
                gateway: gateway.domain,
                legacyAddress: JIDEscaping.unescape(envelope.sender.local ?? ""),
                isAddressed: verified.author == nil ? false : await isAddressed(content, envelope.sender, formatter),
                isAutomatic: content.isAutomatic,
                mayCommand: verified.author.map { !$0.source.isMerelyVouched || gateway.commandsFromVouched } ?? false,
                references: content.references
            )
        )
    }

    /// The formatter (none for a plain text) and the encrypter, which the gateway must offer: what isn't offered doesn't come from it by
    /// accident (A27).
    private func kinds(
        _ envelope: Envelope
    ) async throws(OpenRefusal) -> ((any GatewayFormatter)?, any GatewayEncrypter) {
        let offer: GatewayOffer
        do {
            offer = try await directory.offer(of: envelope.sender.domainAddress)
        } catch {
            throw OpenRefusal(error.code == .notAGateway ? .notAGateway : .failure, error.message)
        }
        switch envelope.carrier {
        case .gateway(let formatter, let encrypter):
            guard let mine = directory.formatters[formatter], offer.formatters.contains(mine.kindName) else {
                throw OpenRefusal(.gatewayKind, "a formatter that the gateway doesn't offer")
            }
            guard let its = directory.encrypters[encrypter], offer.encrypters.contains(its.kindName) else {
                throw OpenRefusal(.gatewayKind, "an encrypter that the gateway doesn't offer")
            }
            return (mine, its)
        case .inline:
            guard let openPGP = directory.encrypters[OpenPGPEncrypter.namespace] else {
                throw OpenRefusal(.gatewayKind, "inline OpenPGP, which this account doesn't read")
            }
            return (nil, openPGP)
        case .openPGP: throw OpenRefusal(.envelope, "<openpgp/> from somebody behind a gateway")
        }
    }

    /// Decrypted content, of which every byte is covered by the signature if there is one.
    private struct Verified {
        var content: [UInt8]
        var author: (signer: Fingerprint, source: Pin.Source)?
        var signature: SignatureInfo?

        /// What the journal knows a repetition by (R22): of a signature, not of a ciphertext, which anybody who can read it can make anew.
        var hash: String {
            let bytes = signature.map { $0.replayHash(of: content) } ?? Array(SHA256.hash(data: content))
            let digits = Array("0123456789abcdef".utf8)
            return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
        }
    }

    private func verified(
        _ envelope: Envelope,
        _ formatter: (any GatewayFormatter)?,
        _ encrypter: any GatewayEncrypter
    ) async throws(OpenRefusal) -> Verified {
        for mayReread in [true, false] {
            let decrypted = try await encrypter.decrypt(envelope.message)
            var content = decrypted.plaintext
            var signatures = decrypted.signatures
            // RFC 3156 § 6.2 has the signature beside the content in the OpenPGP message, § 6.1 in a multipart/signed inside of it.
            if signatures.isEmpty, let part = try formatter?.signedPart(of: content) {
                signatures = try await encrypter.verify(part)
                content = part.content
                guard !signatures.isEmpty else { throw OpenRefusal(.badSignature, "the signature can't be read") }
            }
            guard let first = signatures.first else { return Verified(content: content) }
            if let author = try await keys.judge(signatures, of: envelope.sender, mayReread: mayReread) {
                return Verified(content: content, author: author, signature: first)
            }
        }
        throw OpenRefusal(.failure, "the sender's keys can't be judged")
    }

    /// Content that names an author names the sender; compared as JIDs, since the sender's case is lost in one.
    private func check(_ author: IncomingContent.Author, of sender: Address, _ gateway: AcceptedGateway) throws(OpenRefusal) {
        switch author {
        case .none: return
        case .unclear: throw OpenRefusal(.conflictingFrom, "the content names several authors, or none that can be read")
        case .one(let name):
            guard (try? LegacyAddress(name, via: gateway.domain))?.jid == sender.bare else {
                throw OpenRefusal(.conflictingFrom, "the content names another author than the gateway does")
            }
        }
    }

    /// R22: signed content proves whom it is for only if it says so itself.
    private func isAddressed(_ content: IncomingContent, _ sender: Address, _ formatter: (any GatewayFormatter)?) async -> Bool {
        guard let formatter, case .one = content.author, content.date != nil, !content.recipients.isEmpty,
            let senderID = await directory.senderID(at: sender.domainAddress, asking: sender)
        else { return false }
        return content.recipients.contains { formatter.isSame($0, senderID) }
    }

    /// What a signed mail says about its author's keys: another key than the known ones is held, and the operator hears of it. From mail that
    /// isn't signed by a known key nothing is learnt: no gateway passes on the Authentication-Results that R27 asks for.
    private func learn(_ fields: [String], of sender: Address) async {
        guard !fields.isEmpty, let mailbox = UserIDMailbox(address: JIDEscaping.unescape(sender.local ?? "")),
            let header = AutocryptHeader.only(in: fields, from: mailbox)
        else { return }
        try? await keys.learn(header.keyData, for: sender)
    }

    /// The content of a message in a plain body: a text.
    private static func text(_ content: [UInt8]) throws(OpenRefusal) -> IncomingContent {
        guard let text = String(validating: content, as: UTF8.self) else {
            throw OpenRefusal(.gatewayContent, "the text of the message in the body is not UTF-8")
        }
        let lines = text.replacing("\r\n", with: "\n")
        return IncomingContent(payload: [Element("body", Namespace.client, text: XMLText.cleaned(lines))])
    }
}
