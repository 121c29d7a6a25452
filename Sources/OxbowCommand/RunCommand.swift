import ArgumentParser
import Logging
import Oxbow
import ServiceLifecycle
import UnixSignals
import YAMLConfiguration

/// `oxbow run`.
struct RunCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Keep the accounts online and run their bots.",
        discussion: """
            Runs in the foreground until SIGTERM or SIGINT; the log goes to standard error. An account or bot that can't run is reported \
            and leaves the others alone.

            Where there is no configuration, an example is written (never over anything), and the exit code is 3.

            SIGHUP reads the configuration and the bots' files again. An account whose settings or bots have changed is ended and begun \
            anew, alone; the others stay connected. A file that is wrong changes nothing; the log and `oxbow status` say why.
            """
    )

    @OptionGroup var common: CommonOptions

    func run(_ tool: Tool) async throws -> CommandStatus {
        try prepare(tool)
        let manager = ServiceManager(environment: tool.environment)
        var tool = tool
        for name in ServiceManager.variables { tool.environment[name] = nil }
        let settings = try tool.settings(common)
        guard !settings.accounts.isEmpty else { throw Failure(ConfigurationErrors(settings.rejected.flatMap(\.errors.errors))) }
        let logger = tool.logger(settings)
        let lock: StateLock
        do throws(StateLockError) {
            lock = try StateLock.take(settings.state)
        } catch {
            throw Failure(.failed, "oxbow: \(error.message)")
        }
        defer { withExtendedLifetime(lock) {} }
        if !Host.makeNonDumpable() { logger.warning("the kernel doesn't keep other processes from reading our memory") }
        report(settings, tool, logger)
        // From here on, so that a signal which comes early does not end the process.
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        do {
            let launch = Launch(
                purpose: .serve,
                settings: settings,
                modules: tool.modules,
                environment: tool.environment,
                logger: logger
            )
            let runtime = try await tool.launcher(launch)
            let outside = try await outside(runtime, settings, tool, logger)
            let control = try await ControlServer.bind(
                path: settings.controlSocket,
                runtime: runtime,
                reports: [AlertsSummary.name: AlertsSummary.report(tool.alerts)],
                logger: logger
            )
            logger.notice(
                "started",
                metadata: ["version": "\(Version.number)", "accounts": "\(settings.accounts.count)", "state": "\(settings.state)"]
            )
            let reporter = manager.map { ServiceReporter(manager: $0, runtime: runtime) }
            try await group(runtime, outside, control, hangups, reporter, logger).run()
            logger.notice("stopped")
            return .done
        } catch {
            throw Failure(error)
        }
    }

    /// The desk of alerts and the listeners, in the order in which they begin; nothing where somebody else's runtime can't serve them.
    private func outside(_ runtime: any LaunchedRuntime, _ settings: Settings, _ tool: Tool, _ logger: Logger) async throws -> [any Service]
    {
        guard let runtime = runtime as? any ServingRuntime else { return [] }
        let alerts = tool.alerts
        try await alerts.open(runtime, settings: settings, environment: tool.environment, logger: logger)
        let http = try await HTTPSide(runtime, desk: alerts.desk, settings: settings, tool: tool, logger: logger)
        runtime.onSettings { [environment = tool.environment] settings in
            do {
                try await alerts.configure(settings, environment: environment)
            } catch {
                for line in Failure(error).lines { logger.error("alerts go on as they were: \(line)") }
            }
            await http.configure(settings)
        }
        let desk = Part { await cancelWhenGracefulShutdown { await alerts.run() } }
        return [desk] + (http.service.map { [$0] } ?? [])
    }

    /// Where there is no configuration, writes an example and says what to do with it.
    private func prepare(_ tool: Tool) throws {
        let start = FirstStart(option: common.config, environment: tool.environment)
        guard !start.places.isEmpty else { return }
        if let file = start.write() { throw Failure(.configuration, FirstStart.words(file)) }
        let places = start.places.joined(separator: ", ")
        throw Failure(
            .configuration,
            "oxbow: there is no configuration (\(places)), and no example can be written there: `oxbow example` prints one"
        )
    }

    /// What is wrong but keeps only a part from running.
    private func report(_ settings: Settings, _ tool: Tool, _ logger: Logger) {
        for rejected in settings.rejected {
            for error in rejected.errors.errors { logger.error("an account can't run: \(error)") }
        }
        let problems = settings.problems(environment: tool.environment)
        for error in problems.errors { logger.error("\(error)") }
        for warning in problems.warnings { logger.warning("\(warning)") }
    }

    private func group(
        _ runtime: any LaunchedRuntime,
        _ outside: [any Service],
        _ control: ControlServer,
        _ hangups: UnixSignalsSequence,
        _ reporter: ServiceReporter?,
        _ logger: Logger
    ) -> ServiceGroup {
        // In reverse order at the end: the service manager is told, the listeners close, then the desk ends, then the socket closes, then the accounts end.
        var configuration = ServiceGroupConfiguration(
            services: [
                ServiceGroupConfiguration.ServiceConfiguration(service: Part { try await runtime.run() }),
                ServiceGroupConfiguration.ServiceConfiguration(
                    service: Part { await cancelWhenGracefulShutdown { await control.run() } }
                ),
                ServiceGroupConfiguration.ServiceConfiguration(
                    service: Part {
                        await cancelWhenGracefulShutdown {
                            for await _ in hangups { if let reporter { await reporter.reload() } else { await runtime.reload() } }
                        }
                    }
                ),
            ] + (outside + (reporter.map { [$0] } ?? [])).map { ServiceGroupConfiguration.ServiceConfiguration(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = .seconds(30)
        return ServiceGroup(configuration: configuration)
    }

    private struct Part: Service {
        let body: @Sendable () async throws -> Void
        func run() async throws { try await body() }
    }
}
