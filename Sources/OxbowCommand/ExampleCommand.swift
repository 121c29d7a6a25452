import ArgumentParser

/// `oxbow example`.
struct ExampleCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "example",
        abstract: "Print an example of a configuration.",
        discussion: "It is what `oxbow run` writes where it finds no configuration. The lines that say EDIT have to be filled in."
    )

    func run(_ tool: Tool) async throws -> CommandStatus {
        // The console ends the last line itself.
        tool.console.print(String(ExampleConfiguration.text.dropLast()))
        return .done
    }
}
