public import Alerting
import Logging
public import Oxbow
import YAMLConfiguration

/// The alerts of a process: the desk, and how it hangs together with accounts and configuration. One for each ``Tool``.
///
/// The desk is there from the beginning, so that the module of a bot can have it; it works while `oxbow run` does.
///
///     let alerts = AlertService()
///     modules.register("alerts", audience: AlertService.audience) { _ in AlertsBot(desk: alerts.desk) }
///     await Tool(modules: modules, alerts: alerts).main()
public final class AlertService: Sendable {
    /// Where requests, commands and time become messages.
    public let desk: AlertDesk
    private let link: RuntimeLink

    /// Makes a desk that has nothing to do yet.
    public init() {
        let link = RuntimeLink()
        self.link = link
        desk = AlertDesk(
            carrier: RuntimeCarrier(link: link),
            book: NoteBook(link: link),
            isOnline: { account in (try? await link.runtime().isOnline(account)) ?? false },
            count: { name, labels in (try? link.runtime())?.counters.add(name, labels) },
            log: { event in link.logger?.log(level: event.level.level, "\(event.what)", metadata: event.details.mapValues { "\($0)" }) }
        )
    }

    /// Whom the bots of alerts hear besides those of their own `allow`: those who may give commands on this account.
    public static let audience: SwiftModules.Audience = { settings, account in
        guard let alerting = settings.part(AlertingSettings.self), alerting.accounts.contains(account) else { return [] }
        return alerting.alerts?.rights.audience ?? []
    }

    /// Takes the runtime and the configuration.
    ///
    /// - Throws: ``ConfigurationErrors``: what is wrong with templates and secrets that the configuration names.
    func open(_ runtime: any ServingRuntime, settings: Settings, environment: [String: String], logger: Logger)
        async throws
    {
        link.connect(runtime, logger: logger)
        try await configure(settings, environment: environment)
    }

    /// Takes a configuration.
    ///
    /// - Throws: ``ConfigurationErrors``: what is wrong with templates and secrets that it names; then nothing changes.
    func configure(_ settings: Settings, environment: [String: String]) async throws {
        guard let alerting = settings.part(AlertingSettings.self) else { return }
        await desk.configure(try await DeskConfiguration.fetching(alerting, environment: environment))
    }

    /// Works until it is cancelled: the desk, and what outboxes have to say to it.
    func run() async {
        guard let runtime = try? link.runtime() else { return }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.desk.run() }
            group.addTask {
                for await outcome in runtime.outcomes {
                    await self.desk.failed(id: outcome.id, to: outcome.recipient, account: outcome.account)
                }
            }
            group.addTask {
                for await other in runtime.otherMessages { await self.desk.otherMessage(to: other.recipient, account: other.account) }
            }
        }
        link.disconnect()
    }
}

extension DeskEvent.Level {
    fileprivate var level: Logger.Level {
        switch self {
        case .debug: .debug
        case .info: .info
        case .warning: .warning
        case .error: .error
        }
    }
}
