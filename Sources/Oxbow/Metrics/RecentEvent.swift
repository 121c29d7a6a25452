public import XMPP

/// Something that happened lately, for people who look at the status page. Never content: names of the configuration, bare addresses, ids.
public struct RecentEvent: Hashable, Sendable {
    /// What happened.
    public enum What: String, Hashable, Sendable, CaseIterable {
        /// A message was decrypted and verified.
        case opened
        /// A handler is done with an event; ``RecentEvent/reason`` says how it ended.
        case handled
        /// A message was refused; see ``RecentEvent/reason``.
        case refused
        /// The account's server has acknowledged a message.
        case sent
        /// A message was given up; see ``RecentEvent/reason``.
        case dead
        /// The account is online.
        case connected
        /// The account is offline; see ``RecentEvent/reason``.
        case disconnected
    }
    /// When, in seconds since 1970.
    public var time: Int64
    /// The account (bare JID).
    public var account: Address
    /// What happened.
    public var what: What
    /// The other side's bare JID.
    public var peer: Address?
    /// The bot.
    public var bot: String?
    /// Where in its file the handler stands, such as `handlers[0]`.
    public var handler: String?
    /// How it ended or why, a fixed word.
    public var reason: String?
    /// The message's id: the stanza's for what was sent, the journal's number for what was received.
    public var message: String?

    /// Makes an event.
    public init(
        time: Int64,
        account: Address,
        _ what: What,
        peer: Address? = nil,
        bot: String? = nil,
        handler: String? = nil,
        reason: String? = nil,
        message: String? = nil
    ) {
        self.time = time
        self.account = account
        self.what = what
        self.peer = peer?.bare
        self.bot = bot
        self.handler = handler
        self.reason = reason
        self.message = message
    }
}
