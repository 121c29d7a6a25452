import Logging
public import XMPP
public import YAMLConfiguration

extension BotFile {
    /// What keeps a bot's handlers from running on this machine: unknown modules, programs that are missing or can't be run, a user that
    /// doesn't exist. Looks at the file system, starts nothing.
    ///
    /// - Parameter stateFolder: The folder that programs must not see.
    public static func problems(of bot: BotDefinition, modules: SwiftModules, stateFolder: String?) -> [ConfigurationError] {
        bot.handlers.compactMap { handler in
            switch handler.kind {
            case .swift(let name):
                guard modules[name] == nil else { return nil }
                let known =
                    modules.names.isEmpty ? "there are none in this executable" : "there are: " + modules.names.joined(separator: ", ")
                return ConfigurationError(at: handler.position, path: handler.path, "there is no Swift module '\(name)'", hint: known)
            case .program(let program):
                guard let problem = ProgramProblem.find(in: program, stateFolder: stateFolder) else { return nil }
                return ConfigurationError(at: handler.position, path: handler.path, problem.message, hint: problem.hint)
            }
        }
    }

    /// What Swift modules say about the settings (`with:`) that a bot gives them on one account.
    public static func settingsProblems(of bot: BotDefinition, modules: SwiftModules, account: Address) -> [ConfigurationError] {
        bot.handlers.compactMap { handler in
            guard case .swift(let name) = handler.kind else { return nil }
            let settings = ModuleSettings(
                account: account.bare,
                bot: bot.name,
                folder: bot.folder,
                values: handler.settings,
                logger: Logger(label: "check") { _ in SwiftLogNoOpLogHandler() },
                definition: bot
            )
            do {
                try modules.check(name, settings)
                return nil
            } catch {
                let message = "the module \(name) doesn't take its settings: \(error)"
                return ConfigurationError(at: handler.position, path: handler.path, message)
            }
        }
    }

    /// What the operator should know about a bot although it runs: programs without isolation (R18).
    public static func warnings(about bot: BotDefinition) -> [ConfigurationError] {
        bot.handlers.compactMap { handler in
            guard case .program(let program) = handler.kind, program.isolation == .none else { return nil }
            return ConfigurationError(
                at: handler.position,
                path: handler.path,
                "runs without isolation: it can read whatever Oxbow's user can, keyrings and store included",
                hint: "leave isolation out to have bubblewrap, or give user: NAME with isolation: user"
            )
        }
    }
}
