/// Everything that may leave on a stream once a session is bound.
///
/// This is where "no plaintext, ever" is a matter of types: a message can carry user content only as ``SealedMessage``; the other
/// cases have no room for text of a user or a bot.
public enum OutboundStanza: Sendable {
    /// A message whose content is inside `<openpgp/>` or `<encrypted/>`.
    case sealed(SealedMessage)
    /// The one error that an unreadable or refused message is answered with (R4).
    case refusal(Refusal)
    /// A delivery receipt for a verified and journalled message (XEP-0184, R7).
    case receipt(Receipt)
    /// Presence: availability with capabilities, or a subscription step; it carries no status text.
    case presence(Presence)
}

/// A message as E7 and R7 allow it: ciphertext, and beside it in the clear only what routing and older clients need.
public struct SealedMessage: Hashable, Sendable {
    /// The two elements that may hold ciphertext.
    public enum Envelope: Hashable, Sendable {
        /// `<openpgp xmlns='urn:xmpp:openpgp:0'/>`: the base64 of a binary OpenPGP message (XEP-0373 § 3.1).
        case openPGP(base64: String)
        /// `<encrypted xmlns='urn:xmpp:gre:0'/>`: for somebody behind a gateway (gateway-relayed encryption).
        case gateway(GatewayEnvelope)
    }

    /// The stanza's id; also used as its origin-id (XEP-0359).
    public var id: String
    /// The recipient.
    public var to: Address
    /// The ciphertext.
    public var envelope: Envelope
    /// Whether a delivery receipt is asked for (XEP-0184 § 5.1).
    public var requestsReceipt: Bool

    /// Makes a message.
    public init(id: String, to: Address, envelope: Envelope, requestsReceipt: Bool = false) {
        self.id = id
        self.to = to
        self.envelope = envelope
        self.requestsReceipt = requestsReceipt
    }
}

/// A stanza error that answers a message which is not going to be read (R4); the text is the same for all causes (A28).
public struct Refusal: Hashable, Sendable {
    /// The full JID that the refused message came from.
    public var to: Address
    /// The refused stanza's id, echoed.
    public var id: String?
    /// The refused stanza's type (`chat` or `normal` decide nothing here: an error has type `error`).
    public var text: String

    /// Makes a refusal.
    public init(to: Address, id: String?, text: String) {
        self.to = to
        self.id = id
        self.text = text
    }
}

/// A delivery receipt (XEP-0184 § 5.3).
public struct Receipt: Hashable, Sendable {
    /// Who sent the message that is being acknowledged.
    public var to: Address
    /// The id of that message.
    public var messageID: String

    /// Makes a receipt.
    public init(to: Address, messageID: String) {
        self.to = to
        self.messageID = messageID
    }
}
