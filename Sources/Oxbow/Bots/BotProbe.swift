public import YAMLConfiguration

extension BotFile {
    /// Tries whether the isolation of a bot's programs works on this machine, by running `true` in it (R18). For `check`.
    public static func probe(_ bot: BotDefinition, stateFolder: String?) async -> [ConfigurationError] {
        var errors: [ConfigurationError] = []
        for handler in bot.handlers {
            guard case .program(let program) = handler.kind else { continue }
            let launcher = ProgramLauncher(definition: program, stateFolder: stateFolder)
            defer { launcher.shelf?.remove() }
            do throws(Complaint) {
                try await launcher.probe()
            } catch {
                errors.append(ConfigurationError(at: handler.position, path: handler.path, error.message, hint: error.hint))
            }
        }
        return errors
    }
}
