import ArgumentParser
import Oxbow

/// `oxbow status`.
struct StatusCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what the running daemon does.",
        discussion: """
            Exits with 0 if all accounts are online, with 5 if one is not, with 1 if no daemon runs.

            --live is for health checks: it says nothing where all is well, and asks only whether the daemon works, which it does \
            while the XMPP server is away, too.
            """
    )

    @OptionGroup var common: CommonOptions

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @Flag(name: .long, help: "Only ask whether the daemon works and its store answers; exit with 0 or 1.")
    var live = false

    func run(_ tool: Tool) async throws -> CommandStatus {
        let settings = try tool.settings(common)
        let report: StatusReport
        let alerts: AlertsSummary?
        do {
            let client = ControlClient(path: settings.controlSocket)
            report = try await client.status()
            if live {
                _ = try await client.outbox(OutboxRequest(.list, limit: 1))
                return .done
            }
            alerts = try await AlertsSummary.ask(client)
        } catch let error as ControlError where error.code == .absent {
            let owner = StateLock.owner(of: settings.state)
            let who = owner.map { "process \($0) owns \(settings.state), but doesn't answer" } ?? "nothing runs on \(settings.state)"
            throw Failure(.failed, "oxbow: \(who)")
        } catch {
            throw live ? Failure(.failed, "oxbow: \(error)") : Failure(error)
        }
        if json {
            tool.print(json: Whole(report: report, alerts: alerts))
        } else {
            print(report, tool)
            for line in alerts?.lines ?? [] { tool.console.print(line) }
        }
        return report.accounts.allSatisfy { $0.state == "online" } ? .done : .offline
    }

    /// The accounts' report with the alerts beside it, as one object.
    private struct Whole: Encodable {
        var report: StatusReport
        var alerts: AlertsSummary?
        private enum Key: String, CodingKey { case alerts }

        func encode(to encoder: any Encoder) throws {
            try report.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encodeIfPresent(alerts, forKey: .alerts)
        }
    }

    private func print(_ report: StatusReport, _ tool: Tool) {
        tool.console.print("oxbow \(report.version), process \(report.process), since \(time(report.since))")
        if let reload = report.reload {
            let outcome = reload.error.map { "refused, nothing was changed:\n  " + $0.replacing("\n", with: "\n  ") } ?? "taken on"
            tool.console.print("configuration read again \(time(reload.time)): \(outcome)")
        }
        for account in report.accounts {
            tool.console.print("\(account.jid)  \(account.state) since \(time(account.since))\(account.reason.map { ": " + $0 } ?? "")")
            if let next = account.next { tool.console.print("  tries again \(time(next))") }
            if let fingerprint = account.fingerprint { tool.console.print("  key      \(readable(fingerprint))") }
            if !account.bots.isEmpty {
                let bots = account.bots.map { bot in bot.problem.map { "\(bot.name) (\($0))" } ?? bot.name }
                tool.console.print("  bots     \(bots.joined(separator: ", "))")
            }
            for gateway in account.gateways ?? [] {
                let state = gateway.problem ?? gateway.senderID.map { "we are \($0)" } ?? "not used yet"
                let registration = gateway.registration.flatMap { $0 == "not configured" ? nil : "; registration: \($0)" } ?? ""
                tool.console.print("  gateway  \(gateway.jid): \(state)\(registration)")
            }
            for (name, count) in account.counters.sorted(by: { $0.key < $1.key }) where count != 0 {
                tool.console.print("  \(name)  \(count)")
            }
        }
    }
}
