import Configuration
public import XMPP

/// How people hear that an account is down or messages are stuck: by another way than this account (`alarm:`).
public struct AlarmSettings: Hashable, Sendable {
    /// Another account of this configuration, which tells the `admins` of the account in trouble.
    public var account: Address?
    /// A program and its arguments, which gets the text on its standard input.
    public var command: [String]
    /// Where the section stands, for messages: position and key path.
    var position: Position
    var path: String

    /// How long the command may take.
    public static let commandTime: Duration = .seconds(30)
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
    static let schema = Schema(account, command)

    static func settings(_ section: Section) throws(ConfigurationErrors) -> AlarmSettings {
        guard section[account] != nil || !section[command].isEmpty else {
            throw ConfigurationErrors(section.error("names no way", hint: "add account: JID, or command: [PROGRAM]"))
        }
        return AlarmSettings(
            account: section[account],
            command: section[command],
            position: section.isGiven(account) ? section.position(of: account) : section.position(of: command),
            path: section.context.key(section.isGiven(account) ? account.name : command.name).path
        )
    }
}

extension ValueType where Value == AlarmSettings {
    /// The section.
    static var alarm: Self {
        .section(AlarmSchema.schema) { (section) throws(ConfigurationErrors) in try AlarmSchema.settings(section) }
    }
}
