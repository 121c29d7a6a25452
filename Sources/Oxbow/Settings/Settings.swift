public import Logging
public import XMPP
public import YAMLConfiguration

/// What `config.yaml` says: where the state is, which accounts there are, where their bots stand.
public struct Settings: Sendable {
    /// The file that it was read from, as the operator named it.
    public var path: String
    /// The state directory: store, keyrings, control socket. Absolute.
    public var state: String
    /// Where bots are looked for: folders that hold a folder for each bot, the first that has one wins. Absolute.
    public var botFolders: [String]
    /// The accounts that were read, in the order of the file.
    public var accounts: [AccountSettings]
    /// The accounts whose sections are wrong. Only ``load(path:environment:tolerant:)`` with `tolerant` leaves any here.
    public var rejected: [RejectedAccount]
    /// Where the store key comes from (R17); `nil` for one that is made and kept encrypted to an account's OpenPGP key.
    public var storeKey: Secret?
    /// How people hear of an account's troubles by another way than this account; `nil` if there is none.
    public var alarm: AlarmSettings?
    /// What the process can't change while it runs, for comparison with what it was before.
    var fixed = FixedSettings()
    /// How much is logged.
    public var logLevel: Logger.Level
    /// How it is logged.
    public var logFormat: LogFormat

    /// The parts that other targets have added, and what they have read, in the same order.
    var parts: [SettingsPart] = []
    var partValues: [any Sendable] = []

    /// How the log is written to standard error.
    public enum LogFormat: String, Sendable, CaseIterable {
        /// A line of text an event.
        case text
        /// A JSON object a line.
        case json
    }

    /// The images of what only a new process can change.
    struct FixedSettings: Hashable, Sendable {
        /// `store_key`.
        var storeKey = SectionImage()
        /// `log`.
        var log = SectionImage()
    }

    /// An account that can't run, since its section is wrong.
    public struct RejectedAccount: Sendable {
        /// Its JID if that much could be read.
        public var jid: Address?
        /// What is wrong.
        public var errors: ConfigurationErrors
    }

    /// The control socket (R14).
    public var controlSocket: String { state + "/control" }

    /// The account of a bare JID.
    public func account(_ jid: Address) -> AccountSettings? { accounts.first { $0.jid == jid.bare } }

    /// The folder among ``botFolders`` that a bot stands in, so that `FOLDER/NAME/bot.yaml` is its file; `nil` if there is none.
    /// Looks at the file system.
    public func folder(ofBot name: String) -> String? {
        guard !name.contains("/"), !name.hasPrefix(".") else { return nil }
        return botFolders.first { FileProbe.isFile(BotFile.path(of: name, in: $0)) }
    }
}
