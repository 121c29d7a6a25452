import ArgumentParser
import Oxbow
import YAMLConfiguration

/// `oxbow check`.
struct CheckCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Judge the configuration and the bots; connect to nothing.",
        discussion:
            "Prints what would run. Every error is one line: file, line, column, key, what is wrong and what to do. Exits with 3 if there is one."
    )

    @OptionGroup var common: CommonOptions

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @Flag(name: .long, help: "Print the reference of all keys, in Markdown, and judge nothing.")
    var reference = false

    func run(_ tool: Tool) async throws -> CommandStatus {
        if reference {
            tool.console.print(String(ConfigurationReference.markdown.dropLast()))
            return .done
        }
        let report = CheckReport(tool, option: common.config)
        if json {
            tool.print(json: report)
        } else {
            for line in report.lines { tool.console.print(line) }
            for warning in report.warnings { tool.console.print(error: "warning: \(warning)") }
            for error in report.errors { tool.console.print(error: error) }
        }
        return report.errors.isEmpty ? .done : .configuration
    }
}
