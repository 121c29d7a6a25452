public import ServiceLifecycle
public import YAMLConfiguration

/// The HTTP listeners of a process: hooks, messages, health, status page, and metrics on listeners of their own.
public final class HTTPService: Service {
    /// Resolves the secrets, reads the certificate and binds every listener, so that what is wrong shows at start; requests wait until ``run()``.
    ///
    /// - Parameters:
    ///   - settings: What `http:` says.
    ///   - surroundings: What the service works with.
    ///   - limits: How long and how much a connection may take.
    /// - Throws: What is wrong, with file, line and key: an address that is taken, a secret that can't be had or is too short, a certificate that
    ///   doesn't fit its key.
    public init(
        settings: HTTPSettings,
        surroundings: HTTPSurroundings,
        limits: HTTPLimits = HTTPLimits()
    ) async throws(ConfigurationErrors) {
        bound = []
    }

    /// Where it listens: the addresses of hooks, messages and the status page, then those of metrics, with the ports that were found free.
    public let bound: [ListenAddress]

    /// Serves until the group is told to shut down: then nothing new is accepted, and what is under way has ten seconds.
    public func run() async throws {}

    /// Takes on credentials, body limit and certificate of changed settings. Changed listeners need a new process: the log says so.
    ///
    /// - Throws: What is wrong; then everything stays as it was.
    public func configure(_ settings: HTTPSettings) async throws(ConfigurationErrors) {}
}
