public import Logging
public import XMPP

/// What a Swift module gets to know when a handler is made from it: once for each account and `bot.yaml` entry.
public struct ModuleSettings: Sendable {
    /// The account that the handler will serve (bare JID).
    public var account: Address
    /// The bot's name: its folder's.
    public var bot: String
    /// The absolute path of the bot's folder.
    public var folder: String
    /// What stands under `with:` in the entry, as text.
    public var values: [String: String]
    /// For what the operator should know; no message content.
    public var logger: Logger
    /// What the module may count, under names of its own; labels are fixed words and names from the configuration.
    public var counters: Counters
    /// The bot's file: whom it hears, and to whom it may send. `nil` where there is none, in tests.
    public var definition: BotDefinition?

    /// Makes settings.
    public init(
        account: Address,
        bot: String,
        folder: String,
        values: [String: String] = [:],
        logger: Logger,
        counters: Counters = Counters(),
        definition: BotDefinition? = nil
    ) {
        self.account = account
        self.bot = bot
        self.folder = folder
        self.values = values
        self.logger = logger
        self.counters = counters
        self.definition = definition
    }
}

/// The Swift modules that are compiled in: what `swift: NAME` in a `bot.yaml` refers to.
///
/// The registry is a value that the executable hands down; there is no global list.
public struct SwiftModules: Sendable {
    /// Makes a handler; throws with a message for the operator if the settings are wrong.
    public typealias Factory = @Sendable (ModuleSettings) throws -> any Handler
    /// Judges settings for `oxbow check`, without making or starting anything; throws with a message for the operator.
    public typealias Check = @Sendable (ModuleSettings) throws -> Void

    /// Whom a module's bots hear on an account, by what the configuration says elsewhere than in `bot.yaml`.
    public typealias Audience = @Sendable (Settings, Address) -> [AddressGlob]

    private var factories: [String: Factory] = [:]
    private var checks: [String: Check] = [:]
    private var audiences: [String: Audience] = [:]

    /// Makes an empty registry.
    public init() {}

    /// Makes a registry.
    public init(_ factories: [String: Factory]) {
        self.factories = factories
    }

    /// Adds a module, or replaces the one of that name.
    public mutating func register(_ name: String, _ factory: @escaping Factory) {
        factories[name] = factory
        checks[name] = nil
        audiences[name] = nil
    }

    /// Adds a module whose settings can be judged without making a handler, or replaces the one of that name.
    public mutating func register(_ name: String, check: @escaping Check, factory: @escaping Factory) {
        factories[name] = factory
        checks[name] = check
        audiences[name] = nil
    }

    /// Adds a module, or replaces the one of that name, whose bots hear those whom `config.yaml` names for it, besides those of their own
    /// `allow` (R3). Their `deny` holds all the same.
    public mutating func register(_ name: String, audience: @escaping Audience, factory: @escaping Factory) {
        factories[name] = factory
        checks[name] = nil
        audiences[name] = audience
    }

    /// A bot as its file describes it, with those whom its modules hear by what the configuration says.
    public func inviting(_ bot: BotDefinition, to account: Address, of settings: Settings) -> BotDefinition {
        var bot = bot
        for case .swift(let name) in bot.handlers.map(\.kind) {
            for guest in audiences[name]?(settings, account.bare) ?? [] where !bot.allow.contains(guest) { bot.allow.append(guest) }
        }
        return bot
    }

    /// Judges the settings of an entry; nothing is thrown for a module that is unknown or can't judge.
    func check(_ name: String, _ settings: ModuleSettings) throws { try checks[name]?(settings) }

    /// The names, in alphabetical order.
    public var names: [String] { factories.keys.sorted() }

    /// The factory of a name.
    public subscript(name: String) -> Factory? { factories[name] }
}
