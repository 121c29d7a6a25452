import ArgumentParser
import Configuration
import Oxbow
import XMPP

/// `oxbow send`.
struct SendCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Send an encrypted text.",
        discussion: """
            The text is the argument, or standard input without one. Each recipient gets a message of their own. Done means that the \
            account's server has acknowledged every message; otherwise the outcome of each is printed: "not sent", or "unknown" when it \
            was handed over and nothing came back in time.

            A running daemon does the sending; without one this command logs in itself. With --queue it is enough that the daemon has the \
            message safely on disk: it is then tried until the server has acknowledged it, for seven days; `oxbow outbox` shows how far it got.
            """
    )

    @OptionGroup var common: CommonOptions

    @Option(name: .long, help: ArgumentHelp("A recipient; repeat for several.", valueName: "jid"))
    var to: [String]

    @Option(name: .long, help: ArgumentHelp("The account that sends, if there are several.", valueName: "jid"))
    var from: String?

    @Option(name: .long, help: ArgumentHelp("How long to try, such as 30s or 2m.", valueName: "duration"))
    var timeout: String = "30s"

    @Flag(name: .long, help: "Be content when the running daemon has it safely on disk.")
    var queue = false

    @Flag(name: .long, help: "Print the outcomes as JSON.")
    var json = false

    @Argument(help: "The text. Standard input if left out.")
    var text: String?

    func run(_ tool: Tool) async throws -> CommandStatus {
        let to = try recipients(tool)
        guard let timeout = parseDuration(timeout), timeout > .zero, timeout <= .seconds(86_400) else {
            throw Failure(.usage, "oxbow: --timeout: '\(self.timeout)' is no duration; write 30s or 2m")
        }
        let settings = try tool.settings(common)
        let account = try tool.account(from, option: "--from", in: settings)
        let text = try await text(tool)
        tool.warn(about: account, in: settings)
        let request = SendRequest(
            from: account.jid.description,
            to: to.map(\.description),
            text: text,
            timeout: timeout.inSeconds,
            queue: queue ? true : nil
        )
        let launch = Launch(
            purpose: .send(from: account.jid),
            settings: settings,
            modules: tool.modules,
            environment: tool.environment,
            logger: tool.quietLogger(settings)
        )
        let report = try await tool.withControl(launch, patience: timeout) { control in try await control.send(request) }
        return print(report, tool)
    }

    private func recipients(_ tool: Tool) throws -> [Address] {
        var addresses: [Address] = []
        for text in to {
            let address = try tool.address(text, "--to")
            if !addresses.contains(address) { addresses.append(address) }
        }
        guard !addresses.isEmpty else { throw Failure(.usage, "oxbow: say to whom: --to name@example.org") }
        return addresses
    }

    private func text(_ tool: Tool) async throws -> String {
        let text: String
        if let argument = self.text {
            text = argument
        } else {
            guard var input = String(validating: try await tool.console.read(), as: UTF8.self) else {
                throw Failure(.usage, "oxbow: standard input is not UTF-8 text")
            }
            if input.last?.isNewline == true { input.removeLast() }
            text = input
        }
        guard !text.isEmpty else { throw Failure(.usage, "oxbow: there is no text to send") }
        guard text.utf8.count <= SendRequest.textLimit else {
            throw Failure(.usage, "oxbow: the text is longer than \(SendRequest.textLimit) bytes")
        }
        return text
    }

    private func print(_ report: SendReport, _ tool: Tool) -> CommandStatus {
        if json { tool.print(json: report) }
        var statuses: [CommandStatus] = []
        for outcome in report.outcomes {
            if outcome.state == .sent || outcome.state == .accepted {
                if !json { tool.console.print("\(outcome.to): \(outcome.state.rawValue)\(outcome.id.map { " " + $0 } ?? "")") }
            } else {
                statuses.append(outcome.error.map { CommandStatus($0.code) } ?? .failed)
                let reason = outcome.error.map { ": " + $0.message } ?? ""
                tool.console.print(error: "oxbow: \(outcome.to): \(outcome.state.rawValue)\(reason)")
            }
        }
        guard let first = statuses.first else { return .done }
        // Different reasons have no common code but "failed".
        return statuses.allSatisfy { $0 == first } ? first : .failed
    }
}
