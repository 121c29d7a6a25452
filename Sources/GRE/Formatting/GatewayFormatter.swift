public import OX
public import OpenPGP
public import XML

/// Arranges content for another network before it is encrypted, and reads what comes from there (GRE § Formatter).
///
/// A kind is one type and one entry in a ``FormatterRegistry``. Formatting and reading compute, and do nothing else.
public protocol GatewayFormatter: Sendable {
    /// The short name in its namespace, such as `mime`.
    var name: String { get }
    /// The version of its specification.
    var version: Int { get }
    /// Whether the gateway's data must be fetched again for each message (GRE § Business Rules).
    var needsFreshData: Bool { get }

    /// The fewest bytes that a payload will have once it is formatted: what can't fit is refused before the gateway is asked anything (R11).
    func leastBytes(of payload: [Element]) -> Int

    /// Arranges a message.
    ///
    /// - Throws: ``OX/SealError`` with code `payload` that names the element that can't be carried, or `gateway-address`.
    func format(_ message: OutgoingContent) throws(SealError) -> [UInt8]

    /// What of a decrypted content a detached signature inside of it covers; `nil` if there is no such signature.
    ///
    /// - Throws: ``OX/OpenRefusal`` if the structure is broken.
    func signedPart(of content: [UInt8]) throws(OpenRefusal) -> SignedPart?

    /// Reads decrypted content, of which nothing may stand outside of the signature, if there is one.
    ///
    /// - Throws: ``OX/OpenRefusal``.
    func parse(_ content: [UInt8]) throws(OpenRefusal) -> IncomingContent

    /// Whether a gateway's `sender_id` is a name on the other network.
    func accepts(senderID: String) -> Bool

    /// Whether two names on the other network are the same.
    func isSame(_ one: String, _ other: String) -> Bool
}

extension GatewayFormatter {
    /// Its name with its version.
    public var kindName: KindName { KindName(.formatter, name, version) }
    /// Data are cached for a session, as the specification expects.
    public var needsFreshData: Bool { false }
    /// Nothing is known.
    public func leastBytes(of payload: [Element]) -> Int { 0 }
    /// Signatures are the encrypter's alone.
    public func signedPart(of content: [UInt8]) throws(OpenRefusal) -> SignedPart? { nil }
    /// Anything.
    public func accepts(senderID: String) -> Bool { true }
    /// Byte for byte.
    public func isSame(_ one: String, _ other: String) -> Bool { one.utf8.elementsEqual(other.utf8) }
}

/// A message on its way to a formatter.
public struct OutgoingContent: Sendable {
    /// The payload's elements.
    public var payload: [Element]
    /// The stanza's id, which is its origin-id too.
    public var id: String
    /// Whom it is for.
    public var recipient: LegacyAddress
    /// What the gateway says.
    public var data: GatewayData
    /// The conversation, if there is one.
    public var thread: String?
    /// The ids of what it answers, the oldest first, the answered message's last; empty where that isn't known.
    public var references: [String]
    /// When it is written, in seconds since 1970.
    public var time: Int64
    /// Our key as the other network's people get it, if the encrypter has one.
    public var key: MailCertificate?
    /// Whether the recipient hears from us for the first time, and needs our key as a file too (R23).
    public var introducesKey: Bool

    /// Makes a message.
    public init(
        payload: [Element],
        id: String,
        recipient: LegacyAddress,
        data: GatewayData,
        thread: String? = nil,
        references: [String] = [],
        time: Int64,
        key: MailCertificate? = nil,
        introducesKey: Bool = false
    ) {
        self.payload = payload
        self.id = id
        self.recipient = recipient
        self.data = data
        self.thread = thread
        self.references = references
        self.time = time
        self.key = key
        self.introducesKey = introducesKey
    }
}

/// Content with its detached signature.
public struct SignedPart: Hashable, Sendable {
    /// What was signed, to the byte.
    public var content: [UInt8]
    /// The signature, binary or armored.
    public var signature: [UInt8]

    /// Makes one.
    public init(content: [UInt8], signature: [UInt8]) {
        self.content = content
        self.signature = signature
    }
}

/// What a formatter has read.
public struct IncomingContent: Hashable, Sendable {
    /// Whom content names as its author.
    public enum Author: Hashable, Sendable {
        /// Nobody.
        case none
        /// One name on the other network.
        case one(String)
        /// Several, or none that can be read.
        case unclear
    }

    /// The payload's elements.
    public var payload: [Element]
    /// Whom it names as its author.
    public var author: Author
    /// Whom it names as its recipients, copies included.
    public var recipients: [String]
    /// When it says that it was written, in seconds since 1970.
    public var date: Int64?
    /// The conversation that it belongs to.
    public var thread: String?
    /// The ids that an answer to it names, the oldest first, its own last; at most ``AnsweredMail/limit``.
    public var references: [String]
    /// Whether a program or a list sent it.
    public var isAutomatic: Bool
    /// The values of its Autocrypt fields.
    public var autocrypt: [String]

    /// Makes one.
    public init(
        payload: [Element],
        author: Author = .none,
        recipients: [String] = [],
        date: Int64? = nil,
        thread: String? = nil,
        references: [String] = [],
        isAutomatic: Bool = false,
        autocrypt: [String] = []
    ) {
        self.payload = payload
        self.author = author
        self.recipients = recipients
        self.date = date
        self.thread = thread
        self.references = references
        self.isAutomatic = isAutomatic
        self.autocrypt = autocrypt
    }
}
