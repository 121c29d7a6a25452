import ArgumentParser
import Oxbow
import XMPP

/// `oxbow outbox …`.
struct OutboxCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outbox",
        abstract: "Look at messages on their way out, try them again, or take them back.",
        discussion: """
            Asks the running daemon; without one the state directory is opened directly.

            A message is "accepted" once it is safe on disk, "held" while it waits for a key, "handed" while the server has not acknowledged \
            it, "sent" when it has, "delivered" when the recipient's client says so, "dead" when it was given up, and "withdrawn" when it was \
            taken back. What it says is never shown.
            """,
        subcommands: [List.self, Show.self, Retry.self, Drop.self],
        defaultSubcommand: List.self
    )

    struct Options: ParsableArguments {
        @OptionGroup var common: CommonOptions

        @Option(name: .long, help: ArgumentHelp("Only this account's.", valueName: "jid"))
        var account: String?

        @Flag(name: .long, help: "Print JSON.")
        var json = false
    }

    struct List: ToolCommand {
        static let configuration = CommandConfiguration(abstract: "List what is waiting, on its way, or given up.")
        @OptionGroup var options: Options
        @Flag(name: .long, help: "Also list what was sent, delivered or withdrawn, for as long as that is remembered.")
        var all = false

        func run(_ tool: Tool) async throws -> CommandStatus {
            let isWhole = all
            let account = options.account
            let items = try await options.ask(tool) { control in
                var items: [OutboxReport.Item] = []
                while true {
                    let after = items.last?.number ?? 0
                    let page = try await control.outbox(OutboxRequest(.list, account: account, isWhole: isWhole, after: after))
                    items += page.items
                    guard !page.isLast, !page.items.isEmpty else { return items }
                }
            }
            if options.json { tool.print(json: items) } else { items.forEach { tool.print(line: $0) } }
            return .done
        }
    }

    struct Show: ToolCommand {
        static let configuration = CommandConfiguration(abstract: "Show how far one message got, and why.")
        @OptionGroup var options: Options
        @Argument(help: "The message's number or id.")
        var message: String

        func run(_ tool: Tool) async throws -> CommandStatus { try await options.one(.show, message, tool) }
    }

    struct Retry: ToolCommand {
        static let configuration = CommandConfiguration(abstract: "Try a message again at once, also one that was given up.")
        @OptionGroup var options: Options
        @Argument(help: "The message's number or id.")
        var message: String

        func run(_ tool: Tool) async throws -> CommandStatus { try await options.one(.retry, message, tool) }
    }

    struct Drop: ToolCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a message back, or forget one that was given up.",
            discussion: "What was handed to the server already may arrive all the same."
        )
        @OptionGroup var options: Options
        @Argument(help: "The message's number or id.")
        var message: String

        func run(_ tool: Tool) async throws -> CommandStatus { try await options.one(.drop, message, tool) }
    }
}

extension OutboxCommand.Options {
    /// Asks the daemon, or a runtime of our own.
    fileprivate func ask<Result: Sendable>(
        _ tool: Tool,
        _ body: @escaping @Sendable (any Controllable) async throws -> Result
    ) async throws -> Result {
        let settings = try tool.settings(common)
        // Which account a store is opened for makes no difference to what it holds.
        let account = try account.map { try tool.account($0, option: "--account", in: settings) } ?? settings.accounts.first
        guard let account else { throw Failure(.configuration, "oxbow: there is no account in \(settings.path)") }
        return try await tool.withControl(.keys(of: account.jid), in: settings, body)
    }

    /// Does something with one message, and shows it.
    fileprivate func one(_ action: OutboxRequest.Action, _ message: String, _ tool: Tool) async throws -> CommandStatus {
        let request = OutboxRequest(action, account: account, message: message)
        let report = try await ask(tool) { control in try await control.outbox(request) }
        guard let item = report.items.first else { throw Failure(.failed, "oxbow: there is no message '\(message)'") }
        if json { tool.print(json: item) } else { tool.print(item) }
        return .done
    }
}

extension Tool {
    /// A message on one line.
    fileprivate func print(line item: OutboxReport.Item) {
        let reason = item.words.map { "  " + $0 } ?? ""
        console.print("\(item.number)  \(item.state)  \(item.account) → \(item.to)  \(time(item.accepted))\(reason)")
    }

    /// All that is known about a message.
    fileprivate func print(_ item: OutboxReport.Item) {
        console.print("message    \(item.number), id \(item.id)")
        console.print("from       \(item.account)")
        console.print("to         \(item.to)")
        console.print("state      \(item.state)\(item.settled.map { " since " + time($0) } ?? "")")
        console.print("accepted   \(time(item.accepted)), given up \(time(item.expires))")
        if item.attempts > 0 { console.print("failures   \(item.attempts)") }
        if let next = item.next { console.print("next try   \(time(next))") }
        if let size = item.size { console.print("size       \(size) bytes, sealed") }
        if let reason = item.reason { console.print("reason     \(reason)\(item.words.map { ": " + $0 } ?? "")") }
    }
}
