import Configuration
import Logging
import OX
import XMPP
import XMPPNIO

/// A session with its life: what an account keeps running.
protocol LiveSession: Session {
    /// What happens, in order; for one consumer.
    var events: AsyncStream<SessionEvent> { get }
    /// Stays connected until it is cancelled, then closes the stream in order.
    func run() async
}

extension ClientSession: LiveSession {}

/// Makes sessions as an account's settings describe them, with the extensions that every account has.
enum LiveSessions {
    /// The software's name in capabilities (XEP-0115 § 4).
    static let node = "https://oxbow.example/caps"

    /// Makes a session.
    ///
    /// - Parameters:
    ///   - handlers: What answers requests besides version and time.
    ///   - isHeard: Whose requests are answered at all (R3).
    /// - Throws: What keeps the password from being read.
    static func make(
        settings: AccountSettings,
        handlers: [any IQHandler] = [],
        isHeard: @escaping @Sendable (Address) -> Bool,
        house: House,
        logger: Logger
    ) async throws -> any LiveSession {
        let password = Password(try await settings.password.resolve(environment: house.environment))
        let address = settings.resource.flatMap { Address(local: settings.jid.local, domain: settings.jid.domain, resource: $0) }
        var configuration = ClientSession.Configuration(address: address ?? settings.jid, password: password)
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
        return ClientSession(
            configuration: configuration,
            handlers: [SoftwareVersion(name: "Oxbow", version: Version.number), EntityTime(now: house.now)] + handlers,
            features: OXFeatures.all + [Namespace.receipts],
            node: node,
            isHeard: isHeard,
            memory: house.memories.logins,
            logger: logger
        )
    }
}
