public import OpenPGP
public import XML
public import XMPP

/// Who is known to have written a message.
public enum Authorship: Hashable, Sendable {
    /// The owner of this key signed it.
    ///
    /// - signer: The primary fingerprint of the key.
    /// - source: How the key came to be trusted.
    case verified(signer: Fingerprint, source: Pin.Source)
    /// Nobody signed it: anybody can have written it, whatever the sender's address says (S19). Only gateways bring such messages.
    case unverified
}

/// A message that has passed every check of XEP-0373 § 3.2 and S1–S18, or, from a gateway, those of R20 and R22: what handlers may act on.
public struct OpenedMessage: Hashable, Sendable {
    /// The account that received it (bare JID).
    public var account: Address
    /// The sender as the stanza and the signature agree on it (full JID as in the stanza). Unsigned, it is what a gateway claims.
    public var sender: Address
    /// Who is known to have written it.
    public var authorship: Authorship
    /// The content's `<time/>`, in seconds since 1970.
    public var time: Int64
    /// The payload's child elements, without those that R5 ignores.
    public var payload: [Element]
    /// SHA-256 of the decoded OpenPGP message, in hexadecimal: the journal's key (R2).
    public var hash: String
    /// SHA-256 of the signed content, in hexadecimal. The same content in another ciphertext is a replay too (S7): packet headers can be
    /// rewritten and the signed part encrypted anew by anybody who can read it, which changes ``hash`` but not this.
    public var contentHash: String
    /// The stanza's id (outer, unauthenticated).
    public var id: String?
    /// The outer origin-id (XEP-0359), unauthenticated.
    public var originID: String?
    /// The thread inside the payload, if any (RFC 6121 § 5.2.5).
    public var thread: String?
    /// What is known about the way through a gateway; `nil` for a message that came over XMPP alone.
    public var gateway: GatewayOrigin?

    /// The primary fingerprint of the key that signed it; `nil` if nobody did.
    public var signer: Fingerprint? {
        if case .verified(let signer, _) = authorship { signer } else { nil }
    }
    /// How that key came to be trusted; `nil` if nobody signed.
    public var source: Pin.Source? {
        if case .verified(_, let source) = authorship { source } else { nil }
    }
    /// Under whose name the journal remembers what was seen (S7, R2, R22): the signer, or for unsigned content the address that claims it.
    public var replayName: String { signer?.hex ?? "unsigned " + sender.bare.description }

    /// Makes an opened message.
    public init(
        account: Address,
        sender: Address,
        authorship: Authorship,
        time: Int64,
        payload: [Element],
        hash: String,
        contentHash: String,
        id: String?,
        originID: String?,
        thread: String?,
        gateway: GatewayOrigin? = nil
    ) {
        self.account = account
        self.sender = sender
        self.authorship = authorship
        self.time = time
        self.payload = payload
        self.hash = hash
        self.contentHash = contentHash
        self.id = id
        self.originID = originID
        self.thread = thread
        self.gateway = gateway
    }

    /// Makes an opened message that was signed.
    public init(
        account: Address,
        sender: Address,
        signer: Fingerprint,
        source: Pin.Source,
        time: Int64,
        payload: [Element],
        hash: String,
        contentHash: String,
        id: String?,
        originID: String?,
        thread: String?
    ) {
        self.init(
            account: account,
            sender: sender,
            authorship: .verified(signer: signer, source: source),
            time: time,
            payload: payload,
            hash: hash,
            contentHash: contentHash,
            id: id,
            originID: originID,
            thread: thread
        )
    }
}

/// What is known about a message that a gateway brought from another network (R20, R22).
public struct GatewayOrigin: Hashable, Sendable {
    /// The gateway's domain.
    public var gateway: Address
    /// Who wrote it, as the other network names them: a mail address, such as `carol@example.org`.
    public var legacyAddress: String
    /// Whether the signed part itself names us as a recipient and the sender as its author, and is dated. Without it, whoever got the mail
    /// from its author can have sent it on (R22).
    public var isAddressed: Bool
    /// Whether a program or a list sent it: never to be answered (R22).
    public var isAutomatic: Bool
    /// Whether the signature may make handlers act: the key is vouched for by more than the gateway or the mail itself, or the operator has
    /// said that this gateway's word is enough (`commands_from: gateway-vouched`). Never for unsigned content.
    public var mayCommand: Bool
    /// The ids, on the other network, that an answer names: the oldest of the conversation first, the message's own last (RFC 5322 § 3.6.4).
    public var references: [String]

    /// Makes a description of the way.
    public init(
        gateway: Address,
        legacyAddress: String,
        isAddressed: Bool,
        isAutomatic: Bool,
        mayCommand: Bool,
        references: [String] = []
    ) {
        self.gateway = gateway
        self.legacyAddress = legacyAddress
        self.isAddressed = isAddressed
        self.isAutomatic = isAutomatic
        self.mayCommand = mayCommand
        self.references = references
    }
}

/// Why a message was refused; the raw value is the `reason` of the counters and never goes to the sender (A28).
public struct RefusalReason: Hashable, Sendable, CustomStringConvertible {
    /// The counter's name.
    public let description: String
    /// Makes a reason; floors above this one have reasons of their own.
    public init(_ name: String) { description = name }

    /// There is a body but no `<openpgp/>`.
    public static let plaintext = RefusalReason("plaintext")
    /// More than one `<openpgp/>`, bad base64, or too long.
    public static let envelope = RefusalReason("envelope")
    /// The OpenPGP message can't be decrypted (any cause that is not listed below).
    public static let undecryptable = RefusalReason("undecryptable")
    /// Integrity protection is missing or broken (S1).
    public static let integrity = RefusalReason("integrity")
    /// Larger than the limits when decrypted (S9).
    public static let limits = RefusalReason("limits")
    /// No signature (S2).
    public static let unsigned = RefusalReason("unsigned")
    /// A signature that is not good (S2).
    public static let badSignature = RefusalReason("bad-signature")
    /// Signed by a key that is not one of the sender's (S3).
    public static let wrongSigner = RefusalReason("wrong-signer")
    /// The sender has no usable, trusted key, or its set of keys is held (R15).
    public static let untrusted = RefusalReason("untrusted")
    /// Not exactly one well-formed `<signcrypt/>` (S1, S8).
    public static let content = RefusalReason("content")
    /// We are not among the addressees (S5).
    public static let addressee = RefusalReason("addressee")
    /// `<time/>` is missing, doubled, unreadable, in the future, or far from the signature's (S6).
    public static let time = RefusalReason("time")
    /// Older than its delivery explains (R1).
    public static let stale = RefusalReason("stale")
    /// Seen before (S7, R2).
    public static let replay = RefusalReason("replay")
    /// A nested `<openpgp/>`, `<forwarded/>`, carbon or archive result in the payload (R5).
    public static let smuggling = RefusalReason("smuggling")
    /// A carbon, an archive result or a forwarded message that we never asked for (S16).
    public static let wrapper = RefusalReason("wrapper")
    /// A type that never carries OX for us: groupchat, headline, error (S16).
    public static let kind = RefusalReason("type")
    /// The sender is not allowed (R3).
    public static let notAllowed = RefusalReason("not-allowed")
    /// Something of ours failed, which says nothing about the message: it is left for later (A30).
    public static let failure = RefusalReason("failure")
    /// The engine ran into its time limit or failed in the middle, and whether that is our fault or the message's can't be told: it is
    /// tried again, a few times (R2).
    public static let unclear = RefusalReason("unclear")
}

/// A refusal with its reason; `detail` is for the operator's log and holds no content.
public struct OpenRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The counter's name.
    public var reason: RefusalReason
    /// What exactly was wrong, without any content.
    public var detail: String

    /// Makes a refusal.
    public init(_ reason: RefusalReason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }

    /// What a failed decryption is counted as.
    public init(_ error: OpenPGPError) {
        let reason: RefusalReason =
            switch error.code {
            case .integrity: .integrity
            case .tooBig: .limits
            case .malformed, .notEncrypted, .noSecretKey, .badKey, .unusableKey: .undecryptable
            case .passphrase, .keyring, .unavailable: .failure
            // Also of kinds that aren't known here: only what is known to be the message's fault may be final.
            default: .unclear
            }
        self.init(reason, error.message)
    }

    /// Whether another try may end otherwise: the refusal is no verdict on the message.
    public var isTemporary: Bool { reason == .failure || reason == .unclear }

    /// Reason and detail.
    public var description: String { "\(reason): \(detail)" }
}
