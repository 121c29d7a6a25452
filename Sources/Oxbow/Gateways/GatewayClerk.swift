import GRE
import Logging
import OX
import Synchronization
import XMPP
import YAMLConfiguration

/// Registers an account with its gateways, as the configuration says, and knows how that stands.
final class GatewayClerk: Sendable {
    /// How the registration with a gateway stands.
    enum Standing: Hashable, Sendable {
        case registered
        /// It isn't, for this reason.
        case failed(String)
        /// Our connection was cut meanwhile: nobody knows, and it is to be tried again.
        case interrupted(String)
    }
    /// The pauses between attempts; the last one is repeated.
    private static let pauses: [Duration] = [.seconds(60), .seconds(300), .seconds(1800)]

    private let settings: AccountSettings
    private let registration: GatewayRegistration
    private let house: House
    private let logger: Logger
    private let standings = Mutex<[Address: Standing]>([:])

    init(settings: AccountSettings, session: any Session, house: House, logger: Logger) {
        self.settings = settings
        registration = GatewayRegistration(session: session)
        self.house = house
        self.logger = logger
    }

    /// The gateways that the configuration wants a registration with.
    var gateways: [Address] { settings.gateways.filter { $0.registration != nil }.map(\.jid) }

    /// The gateways that a session which goes on has to be registered with: a cut came between.
    var interrupted: [Address] {
        gateways.filter { if case .interrupted = standing(with: $0) { true } else { false } }
    }

    /// How the registration with a gateway stands, if it was tried.
    func standing(with gateway: Address) -> Standing? { standings.withLock { $0[gateway] } }

    /// Registers with a gateway, and goes on trying while time may mend what is in the way.
    func register(at gateway: Address) async {
        var attempt = 0
        while !Task.isCancelled {
            do throws(RegistrationError) {
                try await registerOnce(at: gateway)
                return
            } catch {
                guard error.code == .silent || error.code == .offline else { return }
                // The connection is gone: as soon as there is one, it is tried again.
                if error.code == .offline { return }
            }
            try? await house.clock.sleep(for: Self.pauses[min(attempt, Self.pauses.count - 1)])
            attempt += 1
        }
    }

    /// Registers with a gateway.
    func registerOnce(at gateway: Address) async throws(RegistrationError) {
        guard let secrets = settings.gateways.first(where: { $0.jid == gateway })?.registration else { return }
        do throws(RegistrationError) {
            let environment = house.environment
            let hasFailed = if case .failed = standing(with: gateway) { true } else { false }
            let outcome = try await registration.register(at: gateway, again: hasFailed) {
                var answers = FormAnswers()
                for (name, secret) in secrets { answers[name] = .secret(Password(try await secret.resolve(environment: environment))) }
                return answers
            }
            note(.registered, gateway, outcome == .registered ? "registered" : "unchanged")
            if outcome == .registered { logger.notice("registered with a gateway", metadata: ["gateway": "\(gateway)"]) }
        } catch {
            note(error.code == .offline ? .interrupted(error.message) : .failed(error.message), gateway, error.code.description)
            if !Task.isCancelled {
                logger.error("a gateway refuses the account", metadata: ["gateway": "\(gateway)", "error": "\(error)"])
            }
            throw error
        }
    }

    private func note(_ standing: Standing, _ gateway: Address, _ outcome: String) {
        standings.withLock { $0[gateway] = standing }
        house.counters.add(
            "oxbow_gateway_registrations_total",
            ["account": settings.jid.description, "gateway": gateway.description, "outcome": outcome]
        )
    }
}
