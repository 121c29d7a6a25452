import Alerting
public import Oxbow
public import YAMLConfiguration

/// What `http:` in `config.yaml` says: where is listened, who may do what.
public struct HTTPSettings: Sendable {
    /// A place to listen.
    public struct Listener: Sendable {
        /// Where.
        public var address: ListenAddress
        /// Where it stands in the file, for errors.
        public var position: Position
        /// Its key path.
        public var path: String

        /// Makes a place to listen.
        public init(_ address: ListenAddress, position: Position = Position(file: "", line: 1, column: 1), path: String = "http.listen") {
            self.address = address
            self.position = position
            self.path = path
        }
    }

    /// The server's certificate.
    public struct TLS: Sendable, Hashable {
        /// The file of the certificate and what leads to its root, PEM.
        public var certificate: String
        /// The file of its key, PEM.
        public var key: String
        /// Where the section stands, for errors.
        public var position: Position
        /// Its key path.
        public var path: String

        /// Makes a certificate's place.
        public init(
            certificate: String,
            key: String,
            position: Position = Position(file: "", line: 1, column: 1),
            path: String = "http.tls"
        ) {
            self.certificate = certificate
            self.key = key
            self.position = position
            self.path = path
        }
    }

    /// Where hooks, messages and the status page are served.
    public var listeners: [Listener]
    /// The certificate of listeners on TCP; `nil` for plain HTTP.
    public var tls: TLS?
    /// Whether a proxy in front of us does TLS.
    public var isBehindProxy: Bool
    /// Who may do what.
    public var credentials: [HTTPCredentialSettings]
    /// The largest body of a request, in bytes.
    public var bodyLimit: Int
    /// Where metrics are served.
    public var metrics: [Listener]

    /// Makes settings.
    public init(
        listeners: [Listener],
        tls: TLS? = nil,
        isBehindProxy: Bool = false,
        credentials: [HTTPCredentialSettings] = [],
        bodyLimit: Int = 1 << 20,
        metrics: [Listener] = []
    ) {
        self.listeners = listeners
        self.tls = tls
        self.isBehindProxy = isBehindProxy
        self.credentials = credentials
        self.bodyLimit = bodyLimit
        self.metrics = metrics
    }

    /// Reads `http:` of a section whose schema has ``keys``; `nil` when the file has none: then nothing listens.
    ///
    /// - Throws: Everything that is wrong, as far as one mistake doesn't hide another.
    public init?(_ section: Section) throws(ConfigurationErrors) {
        guard let http = section[HTTPSchema.http] else { return nil }
        self = http
    }

    /// The key that this target adds to `config.yaml`.
    public static let keys: [any SchemaKey] = [HTTPSchema.http]

    /// The part of the settings that `Settings.load` takes. Its value is an `HTTPSettings?`, so `settings.part(HTTPSettings.self)` is `nil` for a
    /// file without `http:`. Names of hooks are held against the part of `Alerting.AlertingSettings`, if there is one.
    public static let part = SettingsPart(
        keys,
        read: { (section, _) throws(ConfigurationErrors) in try HTTPSettings(section) },
        problems: { http, settings, environment in
            let routes = settings.part(AlertingSettings.self).map { $0.alerts?.routes.map(\.name) ?? [] }
            return http?.problems(routes: routes, environment: environment) ?? SettingsProblems()
        }
    )
}
