import Logging
import XMPP
public import YAMLConfiguration

extension Settings {
    static let stateKey = Key(
        "state",
        .path,
        default: "state",
        "The state directory: store, keyrings, control socket. One process owns it."
    )
    static let accountsKey = Key(
        "accounts",
        ValueType<[Result<AccountSettings, ConfigurationErrors>]>.list(
            of: ValueType<AccountSettings>.section(AccountSchema.schema, name: "an account") { (section) throws(ConfigurationErrors) in
                try AccountSchema.settings(section)
            }.attempted(),
            count: 1...10_000
        ),
        "The accounts that are kept online."
    )
    static let botsKey = Key(
        "bots",
        .botFolders,
        default: "bots",
        "The folder that holds a folder for each bot, or a list of such folders."
    )
    static let storeKeyKey = Key(
        optional: "store_key",
        .secret,
        "The key that everything stored is sealed with: 64 hexadecimal digits, or 32 bytes in base64. Left out, one is made and kept encrypted to the first account's OpenPGP key."
    )
    static let alarmKey = Key(
        optional: "alarm",
        .alarm,
        "How people hear that an account is down, or that its messages are stuck or given up, by another way than this account. Left out, it is only logged."
    )
    static let logKey = Key("log", .log, default: "{}", "What is logged, to standard error.")

    static let logLevelKey = Key("level", ValueType<LevelName>.choice, default: "info", "The least severe level that is logged.")
    static let logFormatKey = Key("format", ValueType<LogFormat>.choice, default: "text", "Lines of text, or a JSON object a line.")
    static let logSchema = Schema(logLevelKey, logFormatKey)

    /// The keys of `config.yaml`, for the reference.
    public static let schema = Schema(stateKey, storeKeyKey, accountsKey, botsKey, alarmKey, logKey)

    /// Reads `config.yaml`. Blocks for the time of reading a small local file.
    ///
    /// - Parameters:
    ///   - path: The file. Relative paths in it start at its folder.
    ///   - environment: What `${NAME}` and `~` are taken from.
    ///   - tolerant: Whether an account whose section is wrong is put aside in ``rejected``, so that the others can run.
    ///   - parts: Keys that other targets add to the file.
    /// - Throws: Everything that is wrong with the file, in its order. What only this machine knows (files, bots), ``problems(environment:)``
    ///   says.
    public static func load(
        path: String,
        environment: [String: String],
        tolerant: Bool = false,
        parts: [SettingsPart] = []
    ) throws(ConfigurationErrors) -> Settings {
        try read(ConfigurationFile(path: path), environment: environment, tolerant: tolerant, parts: parts)
    }

    /// Reads a file that is in memory.
    static func read(
        _ file: ConfigurationFile,
        environment: [String: String],
        tolerant: Bool = false,
        parts: [SettingsPart] = []
    ) throws(ConfigurationErrors) -> Settings {
        let section = try file.read(schema.adding(parts.flatMap(\.keys)), environment: environment)
        let log = section[logKey]
        var settings = Settings(
            path: file.path,
            state: section[stateKey],
            botFolders: section[botsKey],
            accounts: [],
            rejected: [],
            storeKey: section[storeKeyKey],
            alarm: section[alarmKey],
            fixed: FixedSettings(
                storeKey: file.root[storeKeyKey.name].map { SectionImage($0) } ?? SectionImage(),
                log: file.root[logKey.name].map { SectionImage($0) } ?? SectionImage()
            ),
            logLevel: log.level,
            logFormat: log.format
        )
        for (index, result) in section[accountsKey].enumerated() {
            settings.add(result, jid: jid(of: index, in: file.root))
        }
        if let alarm = settings.alarm, let account = alarm.account, !settings.knows(account) {
            let hint = "it is one of the accounts of this file: " + settings.accounts.map(\.jid.description).joined(separator: ", ")
            throw ConfigurationErrors(ConfigurationError(at: alarm.position, path: alarm.path, "\(account) is no account here", hint: hint))
        }
        var errors = tolerant ? [] : settings.rejected.flatMap(\.errors.errors)
        var values: [any Sendable] = []
        for part in parts {
            do throws(ConfigurationErrors) {
                values.append(try part.read(section, settings))
            } catch {
                errors += error.errors
            }
        }
        guard errors.isEmpty else { throw ConfigurationErrors(errors) }
        (settings.parts, settings.partValues) = (parts, values)
        return settings
    }

    /// Takes an account up, or puts it aside: for its own faults, or for what it may not share with an earlier one.
    private mutating func add(_ result: Result<AccountSettings, ConfigurationErrors>, jid: Address?) {
        switch result {
        case .failure(let errors): rejected.append(RejectedAccount(jid: jid, errors: errors))
        case .success(var account):
            if account.keyring.home.isEmpty { account.keyring.home = state + "/keyrings/" + FileProbe.fileName(account.jid) }
            let complaint: String? =
                if accounts.contains(where: { $0.jid == account.jid }) {
                    "\(account.jid) has an account above"
                } else if let other = accounts.first(where: { $0.keyring.home == account.keyring.home }) {
                    "has the same keyring home as \(other.jid); each account needs its own"
                } else {
                    nil
                }
            if let complaint {
                rejected.append(RejectedAccount(jid: account.jid, errors: ConfigurationErrors(account.error(complaint))))
            } else {
                accounts.append(account)
            }
        }
    }

    /// The JID of an account as far as it can be read.
    private static func jid(of index: Int, in root: ConfigurationNode) -> Address? {
        guard case .list(let list)? = root[accountsKey.name]?.content, index < list.count,
            case .scalar(let text)? = list[index][AccountSchema.jid.name]?.content
        else { return nil }
        return Address(text)?.bare
    }
}

/// The levels of swift-log by name.
enum LevelName: String, Sendable, CaseIterable {
    case trace, debug, info, notice, warning, error, critical
    var level: Logger.Level { Logger.Level(rawValue: rawValue) ?? .info }
}

/// The `log` section.
struct LogSettings: Sendable {
    var level: Logger.Level
    var format: Settings.LogFormat
}

extension ValueType where Value == LogSettings {
    fileprivate static var log: Self {
        .section(Settings.logSchema) { (section) throws(ConfigurationErrors) in
            LogSettings(level: section[Settings.logLevelKey].level, format: section[Settings.logFormatKey])
        }
    }
}

extension ValueType where Value == [String] {
    /// Folders: one, or a list.
    fileprivate static var botFolders: Self {
        either(
            ValueType<String>.path.checked { (path) throws(Complaint) in [path] },
            or: .list(of: .path),
            first: { if case .scalar = $0.content { true } else { false } }
        )
    }
}
