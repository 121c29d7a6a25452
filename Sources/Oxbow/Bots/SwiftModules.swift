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

    /// Makes settings.
    public init(account: Address, bot: String, folder: String, values: [String: String] = [:], logger: Logger) {
        self.account = account
        self.bot = bot
        self.folder = folder
        self.values = values
        self.logger = logger
    }
}

/// The Swift modules that are compiled in: what `swift: NAME` in a `bot.yaml` refers to.
///
/// The registry is a value that the executable hands down; there is no global list.
public struct SwiftModules: Sendable {
    /// Makes a handler; throws with a message for the operator if the settings are wrong.
    public typealias Factory = @Sendable (ModuleSettings) throws -> any Handler

    private var factories: [String: Factory] = [:]

    /// Makes an empty registry.
    public init() {}

    /// Makes a registry.
    public init(_ factories: [String: Factory]) {
        self.factories = factories
    }

    /// Adds a module, or replaces the one of that name.
    public mutating func register(_ name: String, _ factory: @escaping Factory) {
        factories[name] = factory
    }

    /// The names, in alphabetical order.
    public var names: [String] { factories.keys.sorted() }

    /// The factory of a name.
    public subscript(name: String) -> Factory? { factories[name] }
}
