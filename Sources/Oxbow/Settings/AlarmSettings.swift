public import XMPP
import YAMLConfiguration

/// How people hear that an account is down or messages are stuck: by another way than this account (`alarm:`).
public struct AlarmSettings: Sendable {
    /// Another account of this configuration, which tells the `admins` of the account in trouble.
    public var account: Address?
    /// A program and its arguments, which gets the text on its standard input.
    public var command: [String]
    /// A mail server, and whom it tells.
    public var mail: AlarmMailSettings?
    /// Where the section stands, for messages: position and key path.
    var position: Position
    var path: String

    /// How long the command may take.
    public static let commandTime: Duration = .seconds(30)
    /// How long the mail server may take.
    public static let mailTime: Duration = .seconds(60)

    /// Whether there is a way that needs no account, and no admins: somebody hears whatever is down.
    public var needsNoAccount: Bool { !command.isEmpty || mail != nil }
}

/// The keys of `alarm:`.
enum AlarmSchema {
    static let account = Key(
        optional: "account",
        .bareJID,
        "Another account of this file, which tells the admins of the account in trouble."
    )
    static let command = Key(
        "command",
        ValueType<[String]>.list(of: .string, count: 0...64).checked { (words) throws(Complaint) in
            guard let program = words.first else { return words }
            guard !program.isEmpty, !program.contains("/") || program.hasPrefix("/") else {
                throw Complaint("'\(program)' is no program", hint: "write its absolute path, or a name that is found in PATH")
            }
            return words
        },
        default: "[]",
        "A program and its arguments, run without a shell, at most 30 seconds; it gets the text on its standard input."
    )
    static let mail = Key(
        optional: "smtp",
        .section(AlarmMailSchema.schema) { (section) throws(ConfigurationErrors) in try AlarmMailSchema.settings(section) },
        "A mail server, and whom it tells, at most 60 seconds."
    )
    static let schema = Schema(account, command, mail)

    static func settings(_ section: Section) throws(ConfigurationErrors) -> AlarmSettings {
        let ways: [any SchemaKey] = [account, command, mail]
        guard let first = ways.first(where: { section.isGiven($0) }),
            section[account] != nil || !section[command].isEmpty || section[mail] != nil
        else {
            throw ConfigurationErrors(section.error("names no way", hint: "add account: JID, command: [PROGRAM], or smtp: {…}"))
        }
        return AlarmSettings(
            account: section[account],
            command: section[command],
            mail: section[mail],
            position: section.position(of: first),
            path: section.context.key(first.name).path
        )
    }
}

extension ValueType where Value == AlarmSettings {
    /// The section.
    static var alarm: Self {
        .section(AlarmSchema.schema) { (section) throws(ConfigurationErrors) in try AlarmSchema.settings(section) }
    }
}
