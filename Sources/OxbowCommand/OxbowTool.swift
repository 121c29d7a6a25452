import ArgumentParser
import Oxbow

/// The command line.
struct OxbowTool: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "oxbow",
        abstract: "Runs encrypted XMPP bots: many accounts, each with its own OpenPGP keys.",
        discussion: """
            The configuration is the file that --config or OXBOW_CONFIG names, else ./config.yaml, ~/.config/oxbow/config.yaml or \
            /etc/oxbow/config.yaml.

            Exit codes: 0 done, 1 failed, 2 bad usage, 3 bad configuration, 4 no usable key for the recipient, 5 could not connect or log in.
            """,
        version: "oxbow " + Version.number,
        subcommands: [
            RunCommand.self, CheckCommand.self, SendCommand.self, OutboxCommand.self, KeysCommand.self, GatewaysCommand.self,
            StatusCommand.self,
            TemplateCommand.self, StoreCommand.self, ForgetLoginCommand.self, ExampleCommand.self,
        ]
    )
}

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The configuration file.", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"])
    )
    var config: String?
}
