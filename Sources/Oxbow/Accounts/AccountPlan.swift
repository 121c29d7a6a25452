import XMPP
import YAMLConfiguration

/// An account as the files say: its settings, its bots, and what is wrong with them on this machine.
struct AccountPlan: Sendable {
    let settings: AccountSettings
    /// The bots that could be read.
    let bots: [BotDefinition]
    /// What keeps bots from working, by name.
    let problems: [String: String]
    /// Everything that is wrong with its bots' files.
    let errors: [ConfigurationError]
    /// What all of it says, to be compared.
    let image: AccountImage

    /// Reads the files of an account's bots. Blocks for the time of reading small local files.
    init(_ account: AccountSettings, of settings: Settings, modules: SwiftModules, environment: [String: String]) {
        var bots: [BotDefinition] = []
        var problems: [String: String] = [:]
        var errors: [ConfigurationError] = []
        for name in account.bots {
            do throws(ConfigurationErrors) {
                let file = try Self.load(name, of: account, settings: settings, environment: environment)
                let bot = modules.inviting(file, to: account.jid, of: settings)
                bots.append(bot)
                let found = BotFile.problems(of: bot, modules: modules, stateFolder: settings.state)
                if !found.isEmpty { problems[name] = found.map { "\($0)" }.joined(separator: "; ") }
                errors += found
            } catch {
                problems[name] = "\(error)"
                errors += error.errors
            }
        }
        self.settings = account
        self.bots = bots
        self.problems = problems
        self.errors = errors
        image = AccountImage(account, bots, environment: environment)
    }

    private static func load(
        _ name: String,
        of account: AccountSettings,
        settings: Settings,
        environment: [String: String]
    ) throws(ConfigurationErrors) -> BotDefinition {
        guard let folder = settings.folder(ofBot: name) else {
            throw ConfigurationErrors(
                account.error(
                    "there is no bot '\(name)' in \(settings.botFolders.joined(separator: ", "))",
                    hint: "it is a folder with a bot.yaml in it"
                )
            )
        }
        return try BotFile.load(name, in: folder, environment: environment)
    }
}
