import XMPP
public import YAMLConfiguration

/// `bots/NAME/bot.yaml`: its keys, and how a ``BotDefinition`` is read from it.
public enum BotFile {
    static let allow = Key("allow", ValueType<[AddressGlob]>.globs, "Who may use the bot: globs on bare JIDs. Nobody else is heard.")
    static let deny = Key("deny", ValueType<[AddressGlob]>.globs, default: "[]", "Who may not, although allow names them.")
    static let sendTo = Key(
        "send_to",
        ValueType<[AddressGlob]>.globs,
        default: "[]",
        "To whom it may send what is no answer: globs on bare JIDs."
    )
    static let description = Key(optional: "description", .name, "What the bot is for.")
    static let handlers = Key<[HandlerDefinition]>(
        "handlers",
        .list(
            of: .section(HandlerSchema.schema, name: "a handler") { (section) throws(ConfigurationErrors) in
                try HandlerSchema.definition(section)
            },
            count: 1...1000
        ),
        "What handles what: each payload element goes to the first entry that takes it."
    )

    /// The keys, for the reference.
    public static let schema = Schema(allow, deny, sendTo, description, handlers)

    /// The path of a bot's file.
    public static func path(of name: String, in bots: String) -> String { bots + "/" + name + "/bot.yaml" }

    /// Reads the file of a bot. Blocks for the time of reading a small local file.
    ///
    /// - Parameters:
    ///   - name: The bot's name: the folder under `bots`.
    ///   - bots: The folder of all bots.
    ///   - environment: What `${NAME}` is taken from.
    /// - Throws: Everything that is wrong with the file. Whether its programs and modules are there, ``problems(of:modules:stateFolder:)`` says.
    public static func load(_ name: String, in bots: String, environment: [String: String]) throws(ConfigurationErrors) -> BotDefinition {
        let path = path(of: name, in: bots)
        guard isName(name) else {
            throw ConfigurationErrors(
                ConfigurationError(
                    file: path,
                    "'\(name)' can't name a bot",
                    hint: "use letters, digits, '.', '-' and '_', without a leading dot"
                )
            )
        }
        return try read(ConfigurationFile(path: path), name: name, environment: environment)
    }

    /// Reads text as a bot's file; `path` is where relative paths start.
    static func read(_ file: ConfigurationFile, name: String, environment: [String: String]) throws(ConfigurationErrors) -> BotDefinition {
        let section = try file.read(schema, environment: environment)
        let definition = BotDefinition(
            name: name,
            folder: HandlerSchema.folder(of: file.path),
            description: section[description],
            allow: section[allow],
            deny: section[deny],
            sendTo: section[sendTo],
            handlers: section[handlers]
        )
        let shadowed = shadowed(in: definition.handlers)
        guard shadowed.isEmpty else { throw ConfigurationErrors(shadowed) }
        return definition
    }

    /// A name that is one path component and nothing else.
    private static func isName(_ name: String) -> Bool {
        guard !name.isEmpty, name.utf8.count <= 64, name.first != "." else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
    }

    /// Entries that can never run, because an earlier one takes all that they would.
    private static func shadowed(in handlers: [HandlerDefinition]) -> [ConfigurationError] {
        var errors: [ConfigurationError] = []
        for (index, handler) in handlers.enumerated() {
            let first = handlers[..<index].firstIndex { earlier in
                earlier.elements.isSuperset(of: handler.elements)
                    && (earlier.match == nil || earlier.match?.pattern == handler.match?.pattern)
                    && (earlier.from.isEmpty || earlier.from == handler.from)
                    && (earlier.allow.isEmpty || earlier.allow == handler.allow)
                    && (earlier.deny.isEmpty || earlier.deny == handler.deny)
            }
            guard let first else { continue }
            errors.append(
                ConfigurationError(
                    at: handler.position,
                    path: "handlers[\(index)]",
                    "never runs: handlers[\(first)] takes everything that it would",
                    hint: "put it first, or remove one of them"
                )
            )
        }
        return errors
    }
}
