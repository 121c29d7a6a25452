import ArgumentParser
import Oxbow
import XMPP

/// `oxbow gateways …`.
struct GatewaysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateways",
        abstract: "Look at gateways to other networks, and decide about them.",
        discussion: "Asks the running daemon; without one this command logs in itself.",
        subcommands: [List.self, Accept.self, Fields.self, Discover.self],
        defaultSubcommand: List.self
    )

    struct List: ToolCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the configured gateways: what they offer, who we are to them, and what keeps them from being used."
        )
        @OptionGroup var options: KeysCommand.Options
        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func run(_ tool: Tool) async throws -> CommandStatus {
            let report = try await options.gateways(tool, .list, nil)
            tool.print(report, json: json)
            return report.gateways.allSatisfy { $0.problem == nil } ? .done : .failed
        }
    }

    struct Accept: ToolCommand {
        static let configuration = CommandConfiguration(
            abstract: "Go on with a gateway that has changed what it said.",
            discussion: """
                A gateway that took only encrypted messages and says so no more, or that says we are somebody else, is held: nothing is sent there. \
                Ask its operator first; then this makes what it says now count.
                """
        )
        @OptionGroup var options: KeysCommand.Options
        @Argument(help: "The gateway's domain.")
        var gateway: String

        func run(_ tool: Tool) async throws -> CommandStatus {
            let report = try await options.gateways(tool, .accept, gateway)
            tool.print(report, json: false)
            return report.gateways.allSatisfy { $0.problem == nil } ? .done : .failed
        }
    }

    struct Fields: ToolCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what a gateway wants to know when an account registers: what stands under register in the configuration."
        )
        @OptionGroup var options: KeysCommand.Options
        @Flag(name: .long, help: "Print JSON.")
        var json = false
        @Argument(help: "The gateway's domain.")
        var gateway: String

        func run(_ tool: Tool) async throws -> CommandStatus {
            let report = try await options.gateways(tool, .fields, gateway)
            if json {
                tool.print(json: report)
                return .done
            }
            for field in report.fields {
                let choice = field.options.isEmpty ? nil : "one of " + field.options.joined(separator: ", ")
                let notes = [field.isRequired ? "required" : nil, field.label, choice].compactMap(\.self)
                tool.console.print("\(field.name)  \(notes.joined(separator: "; "))")
            }
            return .done
        }
    }

    struct Discover: ToolCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the gateways that a server names, and whether they relay encryption."
        )
        @OptionGroup var options: KeysCommand.Options
        @Flag(name: .long, help: "Print JSON.")
        var json = false
        @Argument(help: "The server's domain; the account's own if left out.")
        var domain: String?

        func run(_ tool: Tool) async throws -> CommandStatus {
            let report = try await options.gateways(tool, .discover, domain)
            tool.print(report, json: json)
            return .done
        }
    }
}

extension KeysCommand.Options {
    fileprivate func gateways(_ tool: Tool, _ action: GatewayRequest.Action, _ domain: String?) async throws -> GatewayReport {
        if let domain, Address(domain)?.local != nil || Address(domain) == nil {
            throw Failure(.usage, "oxbow: '\(domain)' is no domain; write it like email.example.net")
        }
        return try await ask(tool) { control, account in
            let domain = domain ?? (action == .discover ? account.domain : nil)
            return try await control.gateways(GatewayRequest(action, account: account.description, domain: domain))
        }
    }
}

extension Tool {
    /// Prints what is known about gateways.
    fileprivate func print(_ report: GatewayReport, json: Bool) {
        if json { return print(json: report) }
        if report.gateways.isEmpty { console.print("no gateways") }
        for gateway in report.gateways { for line in lines(gateway) { console.print(line) } }
    }

    /// A gateway in a few lines, its problem first.
    private func lines(_ gateway: GatewayReport.Item) -> [String] {
        let policy = gateway.encryptedOnly.map { $0 ? "takes only what is encrypted" : "takes what is not encrypted, too" }
        let values: [(String, String?)] = [
            ("problem", gateway.problem), ("we are", gateway.senderID), ("registration", gateway.registration),
            ("agreed", gateway.agreed?.joined(separator: ", ")), ("formatters", gateway.formatters?.joined(separator: ", ")),
            ("encrypters", gateway.encrypters?.joined(separator: ", ")), ("policy", policy),
        ]
        let head = gateway.jid + (gateway.name.map { "  \($0)" } ?? "")
        return [head] + values.compactMap { name, value in value.flatMap { $0.isEmpty ? nil : "  \(name)  \($0)" } }
    }
}
