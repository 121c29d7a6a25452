public import XMPP

/// A bot as its `bots/NAME/bot.yaml` describes it: who may use it, and what handles what.
public struct BotDefinition: Sendable {
    /// The bot's name: its folder's.
    public var name: String
    /// The absolute path of its folder.
    public var folder: String
    /// What it is for, in a sentence.
    public var description: String?
    /// Who may use it: globs on bare JIDs (R3). Nobody else is heard.
    public var allow: [AddressGlob]
    /// Who may not, although ``allow`` names them.
    public var deny: [AddressGlob]
    /// To whom it may send what is no answer to them (R18): globs on bare JIDs.
    public var sendTo: [AddressGlob]
    /// Its handlers, in the order of the file.
    public var handlers: [HandlerDefinition]

    /// Makes a definition.
    public init(
        name: String,
        folder: String,
        description: String? = nil,
        allow: [AddressGlob],
        deny: [AddressGlob] = [],
        sendTo: [AddressGlob] = [],
        handlers: [HandlerDefinition]
    ) {
        self.name = name
        self.folder = folder
        self.description = description
        self.allow = allow
        self.deny = deny
        self.sendTo = sendTo
        self.handlers = handlers
    }

    /// Whether somebody may use this bot at all (R3).
    public func allows(_ address: Address) -> Bool {
        let bare = address.bare
        return allow.contains { $0.matches(bare) } && !deny.contains { $0.matches(bare) }
    }

    /// Whether the bot may send to somebody who has not asked (R18).
    public func maySend(to address: Address) -> Bool {
        let bare = address.bare
        return sendTo.contains { $0.matches(bare) }
    }
}
