import ArgumentParser
import Foundation
import GRE
import Oxbow
import XMPP
import YAMLConfiguration

/// `oxbow send`.
struct SendCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Send an encrypted text.",
        discussion: """
            The text is the argument, or standard input without one. Each recipient gets a message of their own. Done means that the \
            account's server has acknowledged every message; otherwise the outcome of each is printed: "not sent", or "unknown" when it \
            was handed over and nothing came back in time.

            With --via the recipients are addresses of another network, such as mail addresses, reached end to end through that gateway; only \
            they can be sent a subject and files.

            A running daemon does the sending; without one this command logs in itself. With --queue it is enough that the daemon has the \
            message safely on disk: it is then tried until the server has acknowledged it, for seven days; `oxbow outbox` shows how far it got.
            """
    )

    @OptionGroup var common: CommonOptions

    @Option(name: .long, help: ArgumentHelp("A recipient; repeat for several.", valueName: "jid"))
    var to: [String]

    @Option(name: .long, help: ArgumentHelp("The gateway that the recipients are behind.", valueName: "domain"))
    var via: String?

    @Option(name: .long, help: "The subject, for recipients behind a gateway.")
    var subject: String?

    @Option(name: .long, help: ArgumentHelp("A file to attach, for recipients behind a gateway; repeat for several.", valueName: "file"))
    var attach: [String] = []

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
        try check(to, account)
        let files = try await files(tool)
        let text = try await text(tool)
        tool.warn(about: account, in: settings)
        let request = SendRequest(
            from: account.jid.description,
            to: to.map(\.description),
            text: text,
            timeout: timeout.inSeconds,
            queue: queue ? true : nil,
            subject: subject,
            files: files.isEmpty ? nil : files
        )
        let report = try await tool.withControl(.send(from: account.jid), in: settings, patience: timeout) { control in
            try await control.send(request)
        }
        return print(report, tool)
    }

    private func recipients(_ tool: Tool) throws -> [Address] {
        var addresses: [Address] = []
        for text in to {
            let address = try recipient(text, tool)
            if !addresses.contains(address) { addresses.append(address) }
        }
        guard !addresses.isEmpty else { throw Failure(.usage, "oxbow: say to whom: --to name@example.org") }
        return addresses
    }

    private func recipient(_ text: String, _ tool: Tool) throws -> Address {
        guard let via, !text.hasPrefix("mailto:") else { return try tool.address(text, "--to") }
        do throws(LegacyAddressError) {
            return try LegacyAddress(mail: text, via: via).jid
        } catch {
            throw Failure(.usage, "oxbow: --to \(text) --via \(via): \(error)")
        }
    }

    /// What doesn't go together, before anything is read or connected.
    private func check(_ recipients: [Address], _ account: AccountSettings) throws {
        let gateways = Set(account.gateways.map(\.jid))
        if let via, let domain = Address(via), !gateways.contains(domain) {
            throw Failure(.usage, "oxbow: \(via) is no gateway of \(account.jid): name it under gateways in the configuration")
        }
        guard !attach.isEmpty || subject != nil, let direct = recipients.first(where: { !gateways.contains($0.domainAddress) }) else {
            return
        }
        let what = attach.isEmpty ? "a subject" : "files"
        throw Failure(.usage, "oxbow: \(direct) is reached by XMPP itself, where there is no way to send \(what): only gateways take them")
    }

    private func files(_ tool: Tool) async throws -> [SendRequest.File] {
        var files: [SendRequest.File] = []
        var room = FileAttachment.limit
        for path in attach {
            let bytes = try await AttachedFiles.read(path, room: room)
            room -= bytes.count
            let name = path.split(separator: "/").last.map(String.init) ?? path
            files.append(SendRequest.File(name: name, type: FileTypes.type(of: name), data: Data(bytes)))
        }
        return files
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
        guard !text.isEmpty || !attach.isEmpty else { throw Failure(.usage, "oxbow: there is no text to send") }
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
                // Whoever can wait should know that it needn't be them.
                let hint = outcome.error?.code == .offline && !queue ? "; with --queue a running daemon keeps it and tries on" : ""
                tool.console.print(error: "oxbow: \(outcome.to): \(outcome.state.rawValue)\(reason)\(hint)")
            }
        }
        guard let first = statuses.first else { return .done }
        // Different reasons have no common code but "failed".
        return statuses.allSatisfy { $0 == first } ? first : .failed
    }
}
