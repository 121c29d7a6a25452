import GRE
public import Logging
import OX
public import XMPP
import XMPPNIO
import YAMLConfiguration

/// A session with its life: what an account keeps running.
public protocol LiveSession: Session {
    /// What happens, in order; for one consumer. It ends after ``run()``.
    var events: AsyncStream<SessionEvent> { get }
    /// Stays connected until it is cancelled, then closes the stream in order.
    func run() async
}

extension ClientSession: LiveSession {}

/// What a session is made from.
public struct SessionPlan: Sendable {
    /// The account's settings.
    public var settings: AccountSettings
    /// What answers requests of others; disco and caps follow from it.
    public var handlers: [any IQHandler]
    /// What disco and caps announce besides.
    public var features: [String]
    /// Whose requests are answered at all (R3).
    public var isHeard: @Sendable (Address) -> Bool
    /// What earlier logins have proved (R13).
    public var logins: any LoginMemory
    /// Where the session is remembered, so that the next process can take it over (R12); `nil` for a session that is not worth it.
    public var resumptions: (any ResumptionMemory)?
    /// The largest stanza that the account's server is known not to take, in bytes (R11).
    public var learntLimit: Int?
    /// What secrets by reference are taken from.
    public var environment: [String: String]
    /// What the session says about itself.
    public var logger: Logger

    /// The plan of an account's session, with the extensions that every account has.
    ///
    /// - Parameter isLasting: Whether the session is the account's own, to be resumed after a crash, and not one for an errand.
    init(
        settings: AccountSettings,
        handlers: [any IQHandler] = [],
        isHeard: @escaping @Sendable (Address) -> Bool,
        isLasting: Bool = false,
        house: House,
        logger: Logger
    ) {
        self.settings = settings
        self.handlers = [SoftwareVersion(name: "Oxbow", version: Version.number), EntityTime(now: house.now)] + handlers
        // R19: the specification's MUST, where there is a gateway.
        let gateways = AccountGateways.accepted(settings, acceptsUnsigned: false)
        self.features = OXFeatures.all + [Namespace.receipts] + GREFeatures.announced(gateways: gateways)
        self.isHeard = isHeard
        self.logins = house.memories.logins
        self.resumptions = isLasting ? house.memories.resumptions : nil
        self.environment = house.environment
        self.logger = logger
    }
}

extension SessionPlan {
    /// How large a stanza may be that comes in, in bytes, where there are gateways: what they bring has files.
    static let gatewayStanza = 8 << 20

    /// How large a stanza may be that comes in, in bytes.
    ///
    /// `max_stanza` says what the account's server takes from us. Others' servers take more, and it passes that on: a small value says
    /// nothing about what comes in. A large one does, since whoever sends by way of the same server may use it.
    static func inboundLimit(_ settings: AccountSettings, usual: Int) -> Int {
        max(settings.maxStanza ?? 0, settings.gateways.isEmpty ? usual : max(usual, gatewayStanza))
    }

    /// The software's name in capabilities (XEP-0115 § 4).
    static let node = "https://oxbow.example/caps"

    /// A session over TCP and TLS.
    ///
    /// - Throws: What keeps the password from being read.
    public func connect() async throws -> any LiveSession {
        let password = Password(try await settings.password.resolve(environment: environment))
        let address = settings.resource.flatMap { Address(local: settings.jid.local, domain: settings.jid.domain, resource: $0) }
        var configuration = ClientSession.Configuration(address: address ?? settings.jid, password: password)
        configuration.renewPassword = { [settings, environment] in
            Password(try await settings.password.resolve(environment: environment))
        }
        configuration.host = settings.connect.host
        configuration.port = settings.connect.port
        configuration.security =
            switch settings.connect.tls {
            case .starttls: .startTLS
            case .direct: .directTLS
            case nil: .automatic
            }
        if let file = settings.connect.ca { configuration.roots = .file(file) }
        configuration.insecureSkipVerify = settings.connect.insecureSkipVerify
        configuration.allowPlain = settings.allowPlain
        configuration.maxStanzaBytes = Self.inboundLimit(settings, usual: configuration.maxStanzaBytes)
        configuration.learntLimit = [settings.maxStanza, learntLimit].compactMap(\.self).min()
        return ClientSession(
            configuration: configuration,
            handlers: handlers,
            features: features,
            node: Self.node,
            isHeard: isHeard,
            memory: logins,
            resumptions: resumptions,
            logger: logger
        )
    }
}
