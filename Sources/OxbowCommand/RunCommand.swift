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

            SIGHUP reads the configuration and the bots' files again. An account whose settings or bots have changed is ended and begun \
            anew, alone; the others stay connected. A file that is wrong changes nothing; the log and `oxbow status` say why.
            """
    )

    @OptionGroup var common: CommonOptions

    func run(_ tool: Tool) async throws -> CommandStatus {
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
            let control = try await ControlServer.bind(path: settings.controlSocket, runtime: runtime, logger: logger)
            logger.notice(
                "started",
                metadata: ["version": "\(Version.number)", "accounts": "\(settings.accounts.count)", "state": "\(settings.state)"]
            )
            try await group(runtime, control, hangups, logger).run()
            logger.notice("stopped")
            return .done
        } catch {
            throw Failure(error)
        }
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
        _ control: ControlServer,
        _ hangups: UnixSignalsSequence,
        _ logger: Logger
    ) -> ServiceGroup {
        // In reverse order at the end: the socket closes first, then the accounts.
        var configuration = ServiceGroupConfiguration(
            services: [
                ServiceGroupConfiguration.ServiceConfiguration(service: Part { try await runtime.run() }),
                ServiceGroupConfiguration.ServiceConfiguration(
                    service: Part { await cancelWhenGracefulShutdown { await control.run() } }
                ),
                ServiceGroupConfiguration.ServiceConfiguration(
                    service: Part {
                        await cancelWhenGracefulShutdown { for await _ in hangups { await runtime.reload() } }
                    }
                ),
            ],
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
