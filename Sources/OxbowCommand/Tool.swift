import ArgumentParser
import Foundation
public import Oxbow
import OxbowHTTP

/// The `oxbow` command as a value. A bot author's own executable is one line with modules of their own:
///
///     await Tool(modules: ["echo": { EchoBot(settings: $0) }]).main()
///
/// Nothing in it is global: two tools can run beside each other in one process, which is what the tests do.
public struct Tool: Sendable {
    /// The Swift modules that `swift:` in a `bot.yaml` can name.
    public var modules: SwiftModules
    /// The environment: `${NAME}`, `OXBOW_CONFIG`, `HOME`.
    public var environment: [String: String]
    /// Makes the accounts work; ``SystemLauncher`` unless a test brings its own.
    public var launcher: Launcher
    /// Where everything that is said goes.
    public var console: Console
    /// The alerts, whose desk a module may have.
    public var alerts: AlertService

    /// The keys of `config.yaml` that are none of the accounts' own.
    static let parts = [AlertingPart.part, HTTPSettings.part]

    /// Makes accounts work as a launch says.
    public typealias Launcher = @Sendable (Launch) async throws -> any LaunchedRuntime

    /// Makes a tool; without an environment it takes the process's.
    public init(
        modules: SwiftModules,
        environment: [String: String]? = nil,
        launcher: @escaping Launcher = SystemLauncher.launch,
        console: Console = .standard,
        alerts: AlertService = AlertService()
    ) {
        self.alerts = alerts
        self.modules = modules
        self.environment = environment ?? ProcessInfo.processInfo.environment
        self.launcher = launcher
        self.console = console
    }

    /// Runs the process's own arguments and ends the process with the command's exit code.
    ///
    /// Takes the variables out of the process's environment that only ``environment`` is to have.
    public func main() async -> Never {
        ProcessEnvironment.clear()
        await exit(run(Array(CommandLine.arguments.dropFirst())).rawValue)
    }

    /// Runs a command line, without the program's name. Never throws: what fails is printed.
    public func run(_ arguments: [String]) async -> CommandStatus {
        do {
            var command = try OxbowTool.parseAsRoot(arguments)
            if let command = command as? any ToolCommand { return try await command.run(self) }
            if command is OxbowTool {
                console.print(error: OxbowTool.helpMessage())
                return .usage
            }
            // What the parser has of its own, such as `help`: it says what it has to say by throwing it.
            try command.run()
            return .done
        } catch let failure as Failure {
            for line in failure.lines { console.print(error: line) }
            return failure.status
        } catch {
            return report(error)
        }
    }

    /// What the argument parser has to say: help and version are results, everything else is bad usage.
    private func report(_ error: any Error) -> CommandStatus {
        let text = OxbowTool.fullMessage(for: error)
        if OxbowTool.exitCode(for: error).isSuccess {
            console.print(text)
            return .done
        }
        console.print(error: text)
        return OxbowTool.exitCode(for: error) == .validationFailure ? .usage : .failed
    }
}

/// A command that ``Tool`` can run.
protocol ToolCommand: ParsableCommand {
    /// Does it; throws ``Failure``.
    func run(_ tool: Tool) async throws -> CommandStatus
}
