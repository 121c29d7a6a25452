import GRE
public import OX
public import OpenPGP
public import XML
public import XMPP

/// What a bot author implements in Swift: a thing that answers events.
///
/// A handler is made once for each account and `bot.yaml` entry, and is called for one event of a sender at a time; events of
/// different senders may run beside each other.
public protocol Handler: Sendable {
    /// Handles one event. When it returns, the event is done; when it throws, it is counted as failed and the sender hears of it.
    func handle(_ event: Event, _ context: any HandlerContext) async throws
}

/// A verified payload element on its way to a handler.
public struct Event: Hashable, Sendable {
    /// A number that is unique in this process; answers refer to it.
    public var id: String
    /// The account that received it (bare JID).
    public var account: Address
    /// Who sent it (full JID; authenticated is its bare part, and nothing of it unless ``isVerified``).
    public var sender: Address
    /// Who is known to have written it.
    public var authorship: Authorship
    /// The payload element that the handler asked for.
    public var element: Element
    /// The thread, if the sender gave one.
    public var thread: String?
    /// The stanza's id (outer, unauthenticated).
    public var messageID: String?
    /// When the sender says that it was written, in seconds since 1970 (inside the signature).
    public var time: Int64
    /// The message's subject, if it has one.
    public var subject: String?
    /// The files that came with the message; only what a gateway brings has any.
    public var attachments: [FileAttachment]
    /// What is known about the way through a gateway; `nil` for a message of somebody on XMPP itself.
    public var gateway: GatewayOrigin?
    /// Whether it is an event of our own, such as a schedule's: nobody sent it, nobody can be answered, and ``sender`` is the account itself.
    /// Elements of ours (`urn:oxbow:schedule:0`) come to handlers in no other way.
    public private(set) var isOwn = false

    /// The element's text.
    public var text: String { element.text }
    /// Whether a key of the sender has signed it. Only handlers that say `unsigned: accept` ever see anything else.
    public var isVerified: Bool { fingerprint != nil }
    /// The primary fingerprint of the key that signed it; `nil` if nobody did.
    public var fingerprint: Fingerprint? {
        if case .verified(let signer, _) = authorship { signer } else { nil }
    }
    /// How that key came to be trusted; `nil` if nobody signed.
    public var trust: Pin.Source? {
        if case .verified(_, let source) = authorship { source } else { nil }
    }
    /// Whether a program or a mailing list has written it. It is never answered (R22): answers to it are dropped.
    public var isAutomatic: Bool { gateway?.isAutomatic ?? false }

    /// For a mail: the ids that an answer to it names, the oldest first, its own last (RFC 5322 § 3.6.4). ``HandlerContext/reply(_:)-(String)``
    /// does so by itself.
    public var references: [String] { gateway?.references ?? [] }

    /// Makes an event.
    public init(
        id: String,
        account: Address,
        sender: Address,
        authorship: Authorship,
        element: Element,
        thread: String?,
        messageID: String?,
        time: Int64,
        subject: String? = nil,
        attachments: [FileAttachment] = [],
        gateway: GatewayOrigin? = nil
    ) {
        self.id = id
        self.account = account
        self.sender = sender
        self.authorship = authorship
        self.element = element
        self.thread = thread
        self.messageID = messageID
        self.time = time
        self.subject = subject
        self.attachments = attachments
        self.gateway = gateway
    }

    /// Makes an event of our own, for tests of handlers.
    public init(own element: Element, id: String, account: Address, time: Int64) {
        self.init(
            id: id,
            account: account.bare,
            sender: account.bare,
            authorship: .unverified,
            element: element,
            thread: nil,
            messageID: nil,
            time: time
        )
        isOwn = true
    }
}

/// What a handler can do besides reading its event: answer, and send to whom `send_to` allows. Everything leaves signcrypted.
public protocol HandlerContext: Sendable {
    /// Answers the event's sender with a text.
    func reply(_ text: String) async throws
    /// Answers the event's sender with payload elements of any namespace.
    func reply(_ payload: [Element]) async throws
    /// Sends a text to somebody else from the same account; throws unless `send_to` names the address.
    func send(_ text: String, to: Address) async throws
    /// Sends payload elements to somebody else from the same account, in a thread; throws unless `send_to` names the address.
    func send(_ payload: [Element], to: Address, thread: String?) async throws
    /// The commands that this event's sender may use, as the bots' files describe them.
    func commands() async -> [CommandDescription]
}

extension HandlerContext {
    /// Answers the event's sender with a text, and for people behind a gateway with a subject and files.
    ///
    /// Without a subject the answer to a mail has that of the mail. Throws for files to somebody on XMPP itself.
    public func reply(_ text: String, subject: String? = nil, attachments: [FileAttachment]) async throws {
        try await reply(.message(text, subject: subject, attachments: attachments))
    }
}

extension [Element] {
    /// The payload of a message: a body, and if there are any a subject and files.
    ///
    /// - Parameter references: For somebody behind a gateway: the ids of what it answers, from ``Event/references``. Answers to an
    ///   event (``HandlerContext/reply(_:)-(String)``) say so by themselves.
    public static func message(
        _ text: String,
        subject: String? = nil,
        attachments: [FileAttachment] = [],
        references: [String] = []
    ) -> [Element] {
        var payload = [Element("body", Namespace.client, text: text)]
        if let subject { payload.append(Element("subject", Namespace.client, text: subject)) }
        return payload + attachments.map(\.element) + [AnsweredMail.element(references)].compactMap(\.self)
    }
}

/// One line of help: what a handler reacts to, and what it does.
public struct CommandDescription: Hashable, Sendable {
    /// How to call it, such as `!ping`.
    public var usage: String
    /// What it does, in a few words.
    public var summary: String
    /// The bot that it belongs to.
    public var bot: String

    /// Makes a description.
    public init(usage: String, summary: String, bot: String) {
        self.usage = usage
        self.summary = summary
        self.bot = bot
    }
}
