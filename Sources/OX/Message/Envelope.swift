import Crypto
public import XML
public import XMPP

/// What a message carries outside of its ciphertext, and the ciphertext itself: all that is known before anything is decrypted.
public struct Envelope: Hashable, Sendable {
    /// What the ciphertext stood in.
    public enum Carrier: Hashable, Sendable {
        /// `<openpgp/>` (XEP-0373).
        case openPGP
        /// `<encrypted/>` of a gateway, with the namespaces of its two kinds.
        case gateway(formatter: String, encrypter: String)
        /// The plain body of a gateway's message, which was exactly one armored encrypted message (R22).
        case inline
    }
    /// What the ciphertext stood in.
    public let carrier: Carrier
    /// The OpenPGP message: binary, armor taken off.
    public let message: [UInt8]
    /// SHA-256 of ``message`` in hexadecimal: the journal's key (R2).
    public let hash: String
    /// Who sent the stanza (full JID, as the server vouches).
    public let sender: Address
    /// The stanza's id, unauthenticated.
    public let id: String?
    /// The stanza's origin-id (XEP-0359), unauthenticated.
    public let originID: String?
    /// The stanza's `<thread/>`, unauthenticated: gateways say by it which conversation a message belongs to (R21). OX has it inside.
    public let thread: String?
    /// The stamps of `<delay/>` elements that name our own domain, in seconds since 1970. They prove nothing: whoever sends a message can
    /// forge them (R1).
    public let delays: [Int64]

    /// The longest base64 that is decoded, in bytes (S9).
    public static let base64Limit = 1 << 20

    /// Makes an envelope of what was taken out of a message: ``hash``, ids and delays follow from it.
    ///
    /// - Parameters:
    ///   - ciphertext: The message, binary.
    ///   - carrier: What it stood in.
    ///   - message: The stanza.
    ///   - account: Our bare JID, whose domain's delays count.
    public init(_ ciphertext: [UInt8], carrier: Carrier, of message: Message, account: Address) {
        self.carrier = carrier
        self.message = ciphertext
        hash = hexadecimal(SHA256.hash(data: ciphertext))
        sender = message.from
        id = message.id
        originID = StanzaIDs.originID(of: message)
        thread = message.element.elements.first { $0.isThread }.map(\.text).flatMap { $0.isEmpty ? nil : $0 }
        delays = Delay.all(in: message.element).filter { $0.from == account.domainAddress }.map(\.stamp)
    }
}

/// What a first look at a message finds, without any cryptography.
public enum Examination: Hashable, Sendable {
    /// There is something to open. The account journals it, then calls ``Opener/open(_:received:)``.
    case sealed(Envelope)
    /// The message is refused.
    case refused(OpenRefusal)
    /// There is neither a body nor `<openpgp/>`: a receipt, a chat state, an event. Nothing to do, and nothing to answer.
    case nothing
}

extension Envelope {
    /// Looks at a message that the stream of `account` has delivered, and takes out what is to be opened.
    ///
    /// Pure and fast; it never looks at the outer body's text (S15). In this order: wrappers (carbons, archive results, forwarded messages)
    /// are refused, since nobody has asked for any (S16); what has neither body nor `<openpgp/>` is nothing; errors, groupchat and headlines
    /// are refused; a sender who isn't allowed is refused (R3); a body without `<openpgp/>` is plaintext (S14); a message that isn't
    /// addressed to us is refused (S5); then there must be exactly one `<openpgp/>` with readable base64 (S8, T1).
    ///
    /// - Parameters:
    ///   - message: The message as it came.
    ///   - account: Our bare JID.
    ///   - isAllowed: Whether the account's rules let the sender speak to it (R3).
    public static func examine(_ message: Message, account: Address, isAllowed: Bool) -> Examination {
        let children = message.element.elements
        if children.contains(where: \.isWrapper) {
            return .refused(OpenRefusal(.wrapper, "a carbon, an archive result or a forwarded message that nobody asked for"))
        }
        let sealed = children.filter { $0.is("openpgp", Namespace.openPGP) }
        let hasBody = children.contains { $0.is("body", message.element.namespace) }
        if sealed.isEmpty && !hasBody { return .nothing }
        switch message.kind {
        case .chat, .normal: break
        case .error, .groupchat, .headline:
            return .refused(OpenRefusal(.kind, "messages of type \(message.kind.rawValue) are not read"))
        }
        guard isAllowed else { return .refused(OpenRefusal(.notAllowed, "the sender is not allowed")) }
        guard !sealed.isEmpty else { return .refused(OpenRefusal(.plaintext, "a body without <openpgp/>")) }
        guard message.to.bare == account.bare else {
            return .refused(OpenRefusal(.addressee, "the stanza is addressed to somebody else"))
        }
        guard sealed.count == 1, let openpgp = sealed.first else {
            return .refused(OpenRefusal(.envelope, "\(sealed.count) <openpgp/> elements instead of one"))
        }
        guard openpgp.elements.isEmpty else { return .refused(OpenRefusal(.envelope, "<openpgp/> contains elements")) }
        let text = openpgp.text
        guard text.utf8.count <= base64Limit else {
            return .refused(OpenRefusal(.envelope, "<openpgp/> is longer than \(base64Limit) bytes"))
        }
        guard let bytes = Base64.decode(tolerant: text.utf8), let binary = Armor.removed(from: bytes) else {
            return .refused(OpenRefusal(.envelope, "<openpgp/> is not the base64 of an OpenPGP message"))
        }
        return .sealed(Envelope(binary, carrier: .openPGP, of: message, account: account))
    }
}

extension Element {
    /// Whether this is one of the elements that carry somebody else's message (S16, R5).
    public var isWrapper: Bool {
        switch local {
        case "received", "sent": namespace.hasPrefix("urn:xmpp:carbons:")
        case "result": namespace.hasPrefix("urn:xmpp:mam:")
        case "forwarded": namespace.hasPrefix("urn:xmpp:forward:")
        default: false
        }
    }
}

func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
