public import XMPP
public import YAMLConfiguration

/// Keys of `config.yaml` that another target adds, and what it makes of them.
///
/// Its value is had by ``Settings/part(_:)``. A reload reads the same parts again; what is wrong with them keeps the file from being taken on.
public struct SettingsPart: Sendable {
    /// The keys, at the top of the file.
    public let keys: [any SchemaKey]
    let read: @Sendable (Section, Settings) throws(ConfigurationErrors) -> any Sendable
    let problems: @Sendable (any Sendable, Settings, [String: String]) -> SettingsProblems

    /// Makes a part.
    ///
    /// - Parameters:
    ///   - keys: The keys.
    ///   - read: Reads the part's value out of the file's section. The settings have everything but parts: a part may ask for accounts, which
    ///     may be among ``Settings/rejected``.
    ///   - problems: What is wrong with a value besides the file itself: missing files, secrets that can't be had or wouldn't be taken. May look
    ///     at the file system; gets the environment. Runs no command.
    public init<Value: Sendable>(
        _ keys: [any SchemaKey],
        read: @escaping @Sendable (Section, Settings) throws(ConfigurationErrors) -> Value,
        problems: @escaping @Sendable (Value, Settings, [String: String]) -> SettingsProblems = { _, _, _ in SettingsProblems() }
    ) {
        self.keys = keys
        self.read = { (section, settings) throws(ConfigurationErrors) in try read(section, settings) }
        self.problems = { value, settings, environment in
            guard let value = value as? Value else { return SettingsProblems() }
            return problems(value, settings, environment)
        }
    }
}

extension Settings {
    /// What a part has read; `nil` if no part of this type was given to ``load(path:environment:tolerant:parts:)``.
    public func part<Value: Sendable>(_ type: Value.Type) -> Value? {
        for value in partValues { if let value = value as? Value { return value } }
        return nil
    }

    /// Whether an account stands in the file, be it right or wrong.
    public func knows(_ account: Address) -> Bool {
        accounts.contains { $0.jid == account.bare } || rejected.contains { $0.jid == account.bare }
    }
}
