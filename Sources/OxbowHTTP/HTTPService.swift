import HummingbirdCore
import Logging
import NIOCore
import NIOSSL
import Oxbow
public import ServiceLifecycle
public import YAMLConfiguration

/// The HTTP listeners of a process: hooks, messages, health, status page, and metrics on listeners of their own.
public final class HTTPService: Service {
    private let settings: HTTPSettings
    private let surroundings: HTTPSurroundings
    private let limits: HTTPLimits
    private let policy: Shared<HTTPPolicy>
    private let certificate: Shared<NIOSSLContext?>
    private let listeners: [Listener]
    private let clock: any Clock<Duration>

    /// Resolves the secrets, reads the certificate and binds every listener, so that what is wrong shows at start; requests wait until ``run()``.
    ///
    /// - Parameters:
    ///   - settings: What `http:` says.
    ///   - surroundings: What the service works with.
    ///   - limits: How long and how much a connection may take.
    ///   - clock: The clock of the grace at the end, and of how old the answers about health may be.
    /// - Throws: What is wrong, with file, line and key: an address that is taken, a secret that can't be had or is too short, a certificate that
    ///   doesn't fit its key.
    public init(
        settings: HTTPSettings,
        surroundings: HTTPSurroundings,
        limits: HTTPLimits = HTTPLimits(),
        clock: any Clock<Duration> = ContinuousClock()
    ) async throws(ConfigurationErrors) {
        let taken = try await Self.taken(settings, surroundings)
        let policy = Shared(taken.policy)
        let certificate = Shared(taken.certificate)
        let router = HTTPRouter(surroundings: surroundings, limits: limits, clock: clock) { policy.value }
        let budget = BodyBudget(limit: limits.bodies)
        var errors: [ConfigurationError] = []
        var made: [Listener] = []
        for (place, side) in settings.listeners.map({ ($0, Endpoint.Side.main) }) + settings.metrics.map({ ($0, Endpoint.Side.metrics) }) {
            let entrance = Entrance(side: side, isOpen: side == .metrics && place.address.isLocal)
            let responder = HTTPResponder(router: router, entrance: entrance, budget: budget)
            let http = GuardedChannel(limits: limits) { [counters = surroundings.counters] reason in
                counters.add("oxbow_http_refused_total", ["reason": reason])
            } responder: { request, writer, channel in
                try await responder.respond(request, writer, channel)
            }
            let hasTLS = settings.hasTLS(place, metrics: side == .metrics)
            do throws(Complaint) {
                let listener = try await Listener.bind(place.address, http: http, logger: surroundings.logger) { channel, logger in
                    guard hasTLS else { return http.setup(channel: channel, logger: logger) }
                    return channel.eventLoop.makeCompletedFuture {
                        guard let context = certificate.value else { throw ChannelError.operationUnsupported }
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }.flatMap { http.setup(channel: channel, logger: logger) }
                }
                made.append(listener)
            } catch {
                errors.append(ConfigurationError(at: place.position, path: place.path, error.message, hint: error.hint))
            }
        }
        self.settings = settings
        self.surroundings = surroundings
        self.limits = limits
        self.clock = clock
        self.policy = policy
        self.certificate = certificate
        listeners = made
        bound = made.map(\.address)
        guard errors.isEmpty else {
            for listener in made { await listener.close() }
            throw ConfigurationErrors(errors)
        }
        for listener in made { surroundings.logger.notice("listening", metadata: ["address": "\(listener.address)"]) }
    }

    /// Where it listens: the addresses of hooks, messages and the status page, then those of metrics, with the ports that were found free.
    public let bound: [ListenAddress]

    /// Serves until the group is told to shut down: then nothing new is accepted, and what is under way has ten seconds. Cancelled, it ends at
    /// once.
    public func run() async throws {
        await withDiscardingTaskGroup { group in
            for listener in listeners { group.addTask { await listener.run() } }
            // Throws when the task is cancelled, which ends everything as well.
            try? await gracefulShutdown()
            await withDiscardingTaskGroup { stopping in
                for listener in listeners { stopping.addTask { await listener.stop(within: self.limits.grace, clock: self.clock) } }
            }
            group.cancelAll()
        }
    }

    /// Takes on credentials, body limit and certificate of changed settings. Changed listeners need a new process: the log says so.
    ///
    /// - Throws: What is wrong; then everything stays as it was.
    public func configure(_ settings: HTTPSettings) async throws(ConfigurationErrors) {
        let taken = try await Self.taken(settings, surroundings)
        policy.change { $0 = taken.policy }
        // Listeners that began without TLS never ask for it; those that have it keep their certificate if it was taken away.
        if let context = taken.certificate { certificate.change { $0 = context } }
        if settings.places != self.settings.places {
            surroundings.logger.warning("where http listens has changed: that takes effect when Oxbow is stopped and started again")
        }
    }

    /// What is read of settings besides where to listen.
    private static func taken(_ settings: HTTPSettings, _ surroundings: HTTPSurroundings) async throws(ConfigurationErrors) -> (
        policy: HTTPPolicy, certificate: NIOSSLContext?
    ) {
        var errors: [ConfigurationError] = []
        var policy = HTTPPolicy()
        policy.bodyLimit = settings.bodyLimit
        do throws(ConfigurationErrors) {
            policy.book = try await CredentialBook(settings.credentials, environment: surroundings.environment)
        } catch { errors += error.errors }
        var certificate: NIOSSLContext?
        if let tls = settings.tls {
            do throws(ConfigurationErrors) { certificate = try await Certificates.read(tls) } catch { errors += error.errors }
        }
        guard errors.isEmpty else { throw ConfigurationErrors(errors) }
        return (policy, certificate)
    }
}

extension HTTPSettings {
    /// Whether TLS is spoken at a place. Metrics on loopback are for a Prometheus beside us, which has no use for a certificate of another name.
    func hasTLS(_ place: Listener, metrics: Bool) -> Bool {
        tls != nil && !place.address.isUnix && !(metrics && place.address.isLocal)
    }

    /// What only a new process can change.
    fileprivate var places: [String] {
        listeners.map { "\($0.address) \(hasTLS($0, metrics: false))" } + ["metrics"]
            + metrics.map { "\($0.address) \(hasTLS($0, metrics: true))" }
    }
}
