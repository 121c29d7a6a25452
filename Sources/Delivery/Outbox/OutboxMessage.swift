public import XMPP

/// A message as it is accepted: from the moment its acceptance is committed it is retried until its end (R10).
public struct OutboxMessage: Hashable, Sendable {
    /// How long a message is tried by default, in seconds: 7 days, as long as a receiver explains an age (R1).
    public static let lifetime: Int64 = 7 * 86_400
    /// How large ``payload`` may be, in bytes.
    public static let payloadLimit = 64 << 20

    /// The account that sends (bare JID).
    public var account: Address
    /// Who gets it; may be a JID behind a gateway.
    public var recipient: Address
    /// Stanza id and origin-id (XEP-0359) of every attempt. An account has one message of an id: accepting it again changes nothing.
    public var id: String
    /// What goes inside the encryption, serialised by whoever accepts it and read by nobody but whoever seals it; at most ``payloadLimit``.
    public var payload: [UInt8]
    /// The thread, if any (RFC 6121 § 5.2.5).
    public var thread: String?
    /// When it was accepted, in seconds since 1970.
    public var accepted: Int64
    /// When it is given up, in seconds since 1970.
    public var expires: Int64
    /// Whether it is tried again until a receipt (XEP-0184) has come: for gateways that announce them (R25).
    public var needsReceipt: Bool

    /// Makes a message; without `expires` it is tried for ``lifetime``.
    public init(
        account: Address,
        recipient: Address,
        id: String,
        payload: [UInt8],
        thread: String? = nil,
        accepted: Int64,
        expires: Int64? = nil,
        needsReceipt: Bool = false
    ) {
        self.account = account
        self.recipient = recipient
        self.id = id
        self.payload = payload
        self.thread = thread
        self.accepted = accepted
        self.expires = expires ?? accepted + Self.lifetime
        self.needsReceipt = needsReceipt
    }
}

/// A message sealed for its recipient, as it is handed to the server.
public struct OutboxSealed: Hashable, Sendable {
    /// The ciphertext, in a form of the sealer's choice.
    public var bytes: [UInt8]
    /// How large the stanza is on the stream, in bytes.
    public var size: Int
    /// The time inside the ciphertext, in seconds since 1970 (R9).
    public var time: Int64

    /// Makes a sealed message.
    public init(bytes: [UInt8], size: Int, time: Int64) {
        self.bytes = bytes
        self.size = size
        self.time = time
    }
}

/// What is large about a message; read only where it is needed.
public struct OutboxContent: Hashable, Sendable {
    /// See ``OutboxMessage/payload``; `nil` once it has been erased.
    public var payload: [UInt8]?
    /// What was handed over last, if it was and has not been erased.
    public var sealed: OutboxSealed?

    /// Makes content.
    public init(payload: [UInt8]?, sealed: OutboxSealed?) {
        self.payload = payload
        self.sealed = sealed
    }
}
