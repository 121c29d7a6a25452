import Alerting
import Logging
import Oxbow
import OxbowHTTP
import YAMLConfiguration

/// The HTTP listeners of a process, if its configuration has any.
struct HTTPSide: Sendable {
    let service: HTTPService?
    private let logger: Logger

    /// Binds the listeners, so that what is wrong with them shows at start.
    init(_ runtime: any ServingRuntime, desk: any HookDesk, settings: Settings, tool: Tool, logger: Logger)
        async throws
    {
        self.logger = logger
        guard let http = settings.part(HTTPSettings.self) else {
            service = nil
            return
        }
        service = try await HTTPService(
            settings: http,
            surroundings: HTTPSurroundings(
                control: runtime,
                // Also where there are no alerts yet: a reload may bring some.
                desk: desk,
                counters: runtime.counters,
                gauges: { await runtime.gauges() },
                recent: { runtime.recent },
                isAlive: { await runtime.isAlive() },
                environment: tool.environment,
                logger: logger,
                now: StoreDoor.now
            )
        )
    }

    /// Takes a changed configuration, as far as that is possible without beginning anew.
    func configure(_ settings: Settings) async {
        switch (service, settings.part(HTTPSettings.self)) {
        case (let service?, let http?):
            do throws(ConfigurationErrors) {
                try await service.configure(http)
            } catch {
                for error in error.errors { logger.error("http goes on as it was: \(error)") }
            }
        case (nil, nil): break
        case (nil, _?), (_?, nil):
            logger.warning("http has come or gone: that takes effect when Oxbow is stopped and started again")
        }
    }
}
