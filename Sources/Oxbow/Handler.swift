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
    /// Who sent it (full JID; authenticated is its bare part).
    public var sender: Address
    /// The primary fingerprint of the key that signed it.
    public var fingerprint: Fingerprint
    /// How that key came to be trusted.
    public var trust: Pin.Source
    /// The payload element that the handler asked for.
    public var element: Element
    /// The thread, if the sender gave one.
    public var thread: String?
    /// The stanza's id (outer, unauthenticated).
    public var messageID: String?
    /// When the sender says that it was written, in seconds since 1970 (inside the signature).
    public var time: Int64

    /// The element's text.
    public var text: String { element.text }

    /// Makes an event.
    public init(
        id: String,
        account: Address,
        sender: Address,
        fingerprint: Fingerprint,
        trust: Pin.Source,
        element: Element,
        thread: String?,
        messageID: String?,
        time: Int64
    ) {
        self.id = id
        self.account = account
        self.sender = sender
        self.fingerprint = fingerprint
        self.trust = trust
        self.element = element
        self.thread = thread
        self.messageID = messageID
        self.time = time
    }
}

/// What a handler can do besides reading its event: answer, and send to whom `send_to` allows. Everything leaves signcrypted.
public protocol HandlerContext: Sendable {
    /// Answers the event's sender with a text.
    func reply(_ text: String) async throws
    /// Answers the event's sender with payload elements of any namespace.
    func reply(_ payload: [Element]) async throws
    /// Sends to somebody else from the same account; throws unless `send_to` names the address.
    func send(_ text: String, to: Address) async throws
    /// The commands that this event's sender may use, as the bots' files describe them.
    func commands() async -> [CommandDescription]
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
