import XML
import XMPP
import YAMLConfiguration

/// The keys of an entry of `handlers:`.
enum HandlerSchema {
    static let element = Key<Set<Name>>("element", .payloadElement, "The payload element that it takes: body, or {namespace}name.")
    static let match = Key(
        optional: "match",
        ValueType<Matcher>.pattern,
        "A PCRE2 pattern that the element's text must contain (first 4 KiB)."
    )
    static let from = Key(
        "from",
        ValueType<[AddressGlob]>.globs,
        default: "[]",
        "From whom it takes elements; others' go on to the next entry."
    )
    static let allow = Key("allow", ValueType<[AddressGlob]>.globs, default: "[]", "Who may use it, within the bot's own allow.")
    static let deny = Key("deny", ValueType<[AddressGlob]>.globs, default: "[]", "Who may not use it.")
    static let usage = Key(optional: "usage", .name, "How to call it, for help.")
    static let summary = Key(optional: "summary", .name, "What it does, for help.")
    static let timeLimit = Key(
        "time_limit",
        .duration(.milliseconds(10) ... .seconds(86_400)),
        default: "30s",
        "How long it may take for one event."
    )
    static let concurrency = Key(
        optional: "concurrency",
        .integer(1...1000),
        "How many senders' events it handles at a time: 16, or 1 for a program."
    )
    static let rate = Key(optional: "rate", ValueType<Rate>.rate, "How often one sender may call it, such as 30/1m.")
    static let trust = Key(
        optional: "trust",
        ValueType<HandlerDefinition.Trust>.choice,
        "How surely the key must be the sender's; what the account accepts by default, pinned with effects."
    )
    static let unsigned = Key(
        "unsigned",
        ValueType<HandlerDefinition.Unsigned>.choice,
        default: "refuse",
        "Whether it takes what nobody has signed: mail through a gateway, which anybody can have written. Such events are marked."
    )
    static let addressed = Key(
        "addressed",
        ValueType<HandlerDefinition.Addressed>.choice,
        default: "required",
        "Whether signed mail must itself say that it is for this account, from its sender, and when; any takes mail that was only passed on."
    )
    static let effects = Key("effects", .boolean, default: "false", "Whether it does more than answer; asks for trust: pinned.")
    static let late = Key("late", .duration(), default: "1h", "Events older than this don't run.")
    static let swift = Key(optional: "swift", .name, "The Swift module that handles it.")
    static let settings = Key("with", .map(of: .string), default: "{}", "Settings for the Swift module.")
    static let exec = Key(optional: "exec", .strings, "The program that handles it, and its arguments.")
    static let isolation = Key(
        "isolation",
        ValueType<ProgramDefinition.Isolation>.choice,
        default: "bubblewrap",
        "What stands between the program and the machine."
    )
    static let user = Key(optional: "user", .name, "The user that the program runs as; needs root.")
    static let environment = Key("env", .map(of: .string), default: "{}", "Environment variables besides PATH, HOME and LANG.")
    static let home = Key("home", .path, default: "data", "The program's HOME, which it may write to.")
    static let readable = Key("readable", .list(of: .path), default: "[]", "Further paths that it may read under bubblewrap.")
    static let network = Key("network", .boolean, default: "false", "Whether it has a network under bubblewrap.")
    static let memory = Key("memory", .size(), default: "1G", "The most memory (address space) of one of its processes; 0 for any.")
    static let processes = Key("processes", .integer(0...100_000), default: "64", "The most processes and threads; 0 for any.")
    static let restart = Key(
        "restart",
        .duration(.seconds(1) ... .seconds(86_400)),
        default: "5m",
        "The longest pause before it is started again after it died."
    )

    static let schema = Schema([
        element, match, from, allow, deny, usage, summary, timeLimit, concurrency, rate, trust, unsigned, addressed, effects, late, swift,
        settings, exec,
        isolation, user, environment, home, readable, network, memory, processes, restart,
    ])

    /// What concerns programs only.
    private static let programKeys: [any SchemaKey] = [
        isolation, user, environment, home, readable, network, memory, processes, restart,
    ]

    static func definition(_ section: Section) throws(ConfigurationErrors) -> HandlerDefinition {
        let effects = section[effects]
        if effects, section[unsigned] == .accept {
            throw ConfigurationErrors(
                section.error(unsigned, "contradicts effects: true: anybody could cause them", hint: "remove one of them")
            )
        }
        let kind = try kind(section)
        let (subject, isProgram): (any SchemaKey, Bool) = if case .program = kind { (exec, true) } else { (swift, false) }
        return HandlerDefinition(
            elements: section[element],
            match: section[match],
            from: section[from],
            allow: section[allow],
            deny: section[deny],
            usage: section[usage],
            summary: section[summary],
            timeLimit: section[timeLimit],
            concurrency: section[concurrency] ?? (isProgram ? 1 : 16),
            rate: section[rate],
            trust: section[trust] ?? (effects ? .pinned : .blind),
            unsigned: section[unsigned],
            addressed: section[addressed],
            effects: effects,
            late: section[late],
            settings: Dictionary(section[settings].map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }),
            kind: kind,
            position: section.position(of: subject),
            path: section.context.key(subject.name).path
        )
    }

    private static func kind(_ section: Section) throws(ConfigurationErrors) -> HandlerDefinition.Kind {
        switch (section[swift], section[exec]) {
        case (nil, nil):
            throw ConfigurationErrors(section.error("has nothing that handles it", hint: "add swift: NAME or exec: [PROGRAM]"))
        case (.some, .some):
            throw ConfigurationErrors(section.error(exec, "stands beside swift", hint: "keep one of them; an entry has one handler"))
        case (.some(let module), nil):
            let strangers = programKeys.filter { section.isGiven($0) }
            guard strangers.isEmpty else {
                throw ConfigurationErrors(strangers.map { section.error($0, "is for programs (exec), not for swift") })
            }
            return .swift(module)
        case (nil, .some(let command)):
            guard !section.isGiven(settings) else {
                throw ConfigurationErrors(section.error(settings, "is for Swift modules", hint: "give a program arguments, or env"))
            }
            return .program(try program(section, command))
        }
    }

    private static func program(_ section: Section, _ command: [String]) throws(ConfigurationErrors) -> ProgramDefinition {
        var command = command
        guard let name = command.first, !command.contains(where: { $0.utf8.contains(0) }) else {
            throw ConfigurationErrors(section.error(exec, "names no program", hint: "write exec: [./program, argument]"))
        }
        if name.contains("/") {
            guard let path = resolve(path: name, from: section.node.position.file, home: section.context.environment["HOME"]) else {
                throw ConfigurationErrors(section.error(exec, "'~' can't be put in: HOME is not set", hint: "write the path in full"))
            }
            command[0] = path
        }
        let isolation = section[isolation]
        if isolation == .user, section[user] == nil {
            throw ConfigurationErrors(section.error(Self.isolation, "needs a user", hint: "add user: NAME"))
        }
        if isolation == .none, section[user] != nil {
            throw ConfigurationErrors(section.error(user, "contradicts isolation: none", hint: "write isolation: user"))
        }
        let bubblewrapOnly: [any SchemaKey] = isolation == .bubblewrap ? [] : [readable, network].filter { section.isGiven($0) }
        guard bubblewrapOnly.isEmpty else {
            throw ConfigurationErrors(bubblewrapOnly.map { section.error($0, "holds under isolation: bubblewrap only") })
        }
        for entry in section[environment] {
            let isName = entry.key.utf8.allSatisfy { ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x5F }
            guard isName, !entry.key.isEmpty, !entry.value.utf8.contains(0) else {
                throw ConfigurationErrors(section.error(environment, "'\(entry.key)' is no name of a variable, or its value can't be one"))
            }
            guard entry.key != "HOME" else {
                throw ConfigurationErrors(section.error(environment, "HOME is what home: says", hint: "give home: instead"))
            }
        }
        return ProgramDefinition(
            command: command,
            folder: folder(of: section.node.position.file),
            home: section[home],
            isolation: isolation,
            user: section[user],
            environment: Dictionary(section[environment].map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }),
            readable: section[readable],
            network: section[network],
            memory: section[memory],
            processes: processLimit(section, isolation),
            restart: section[restart]
        )
    }

    /// The kernel counts processes by user: without a user or a namespace of its own, a limit would count all of ours. So it holds there
    /// only if the file asks for it.
    private static func processLimit(_ section: Section, _ isolation: ProgramDefinition.Isolation) -> Int {
        isolation == .none && !section.isGiven(processes) ? 0 : section[processes]
    }

    /// The folder of a file, made absolute.
    static func folder(of file: String) -> String {
        resolve(path: ".", from: file, home: nil) ?? "/"
    }
}
