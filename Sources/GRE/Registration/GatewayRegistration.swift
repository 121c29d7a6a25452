import XML
public import XMPP

/// Registers an account with a gateway, as its configuration says (XEP-0077, XEP-0100 § 4.1), and finds gateways.
///
/// Passwords are resolved when they are needed, and stand in no error and no description. Gateways answer with forms that contain them: those
/// are dropped here.
public struct GatewayRegistration: Sendable {
    /// What has come of it.
    public enum Outcome: Hashable, Sendable {
        /// The gateway knew all of this already; nothing was sent.
        case unchanged
        /// The account is registered now, or what was registered has changed.
        case registered
    }

    /// How long a gateway may take for a request: it may log in to the other network meanwhile. Libervia never answers if it can't.
    public var timeout: Duration
    private let session: any Session

    /// Registers over a session.
    public init(session: any Session, timeout: Duration = .seconds(60)) {
        self.session = session
        self.timeout = timeout
    }

    /// Registers with a gateway unless it says that the same is registered already, and asks it for its presence, as XEP-0100 expects.
    ///
    /// A first registration that is refused is taken back: Libervia keeps what it has refused, passwords included, and says from then on that the
    /// account is registered.
    ///
    /// - Parameters:
    ///   - gateway: The gateway's domain.
    ///   - again: Also if it says that the same is registered already: because it has refused that.
    ///   - answers: The values for the fields of its form, resolved when the form is there.
    /// - Throws: ``RegistrationError``.
    public func register(
        at gateway: Address,
        again: Bool = false,
        answers: @Sendable () async throws -> FormAnswers
    ) async throws(RegistrationError) -> Outcome {
        let offer = try await offer(of: gateway)
        let filled: FormAnswers
        do {
            filled = try await answers()
        } catch {
            throw RegistrationError(.fields, gateway, "a value for its form can't be resolved: \(error)")
        }
        let request: Request
        do {
            if !again, offer.isRegistered, try Self.says(offer, filled) { return .unchanged }
            request = try Registration.register(gateway, offer, filled)
        } catch {
            throw RegistrationError(.fields, gateway, "\(error)")
        }
        do {
            _ = try await ask(request, gateway)
        } catch {
            if error.code == .refused, !offer.isRegistered { _ = try? await ask(Registration.remove(gateway.domainAddress), gateway) }
            throw error
        }
        try await hand(Presence(.subscribe(gateway.domainAddress)), gateway)
        return .registered
    }

    /// Takes the registration back.
    ///
    /// - Throws: ``RegistrationError``.
    public func remove(at gateway: Address) async throws(RegistrationError) {
        _ = try await ask(Registration.remove(gateway.domainAddress), gateway)
        try await hand(Presence(.unsubscribe(gateway.domainAddress)), gateway)
    }

    /// What a gateway wants to know: the names, labels and kinds of its form's fields, for an operator who writes them into the configuration.
    /// Values are left out: gateways fill in stored passwords.
    ///
    /// - Throws: ``RegistrationError``.
    public func fields(of gateway: Address) async throws(RegistrationError) -> [DataForm.Field] {
        try await offer(of: gateway).form.fields.filter { $0.type != "hidden" && $0.type != "fixed" }.map { field in
            var field = field
            field.values = []
            return field
        }
    }

    /// What presence of a gateway asks for in return: gateways subscribe to the presence of those who have registered (XEP-0100 § 4.1), and
    /// one that the account accepts may have it. `nil` for anything else.
    public static func answer(to presence: InboundPresence, gateways: some Sequence<AcceptedGateway>) -> Presence? {
        guard presence.kind == .subscribe, presence.from.local == nil, gateways.contains(where: { $0.domain == presence.from.bare })
        else { return nil }
        return Presence(.subscribed(presence.from.bare))
    }

    // MARK: asking

    private func offer(of gateway: Address) async throws(RegistrationError) -> Registration.Offer {
        guard let offer = Registration.offer(in: try await ask(Registration.query(gateway.domainAddress), gateway)) else {
            throw RegistrationError(.refused, gateway, "its answer is no registration form")
        }
        guard offer.canBeFilledIn else {
            let page = offer.page.map { ", but a web page: \($0.prefix(300))" } ?? ""
            throw RegistrationError(.refused, gateway, "it has no form that can be filled in here\(page)")
        }
        return offer
    }

    /// Whether what is registered is what would be.
    private static func says(_ offer: Registration.Offer, _ answers: FormAnswers) throws(FormError) -> Bool {
        let known = Dictionary(offer.form.fields.map { ($0.name, $0.values) }, uniquingKeysWith: { one, _ in one })
        return try offer.form.submission(answers).fields.allSatisfy { field in
            !answers.names.contains(field.name) || known[field.name] == field.values
        }
    }

    private func ask(_ request: Request, _ gateway: Address) async throws(RegistrationError) -> Element? {
        do {
            return try await session.request(request, timeout: timeout)
        } catch let error as StanzaError {
            throw RegistrationError(.refused, gateway, Registration.words(for: error))
        } catch let error as SessionError where error.code == .timedOut {
            throw RegistrationError(
                .silent,
                gateway,
                "no answer within \(timeout). Some gateways never answer if they can't log in with what they were given: compare servers, ports "
                    + "and passwords"
            )
        } catch let error as SessionError {
            throw RegistrationError(.offline, gateway, error.message)
        } catch {
            throw RegistrationError(.offline, gateway, "the request failed")
        }
    }

    private func hand(_ presence: Presence, _ gateway: Address) async throws(RegistrationError) {
        do {
            try await session.send(.presence(presence), until: .written)
        } catch {
            throw RegistrationError(.offline, gateway, "the connection was lost before its presence could be asked for")
        }
    }
}

/// Why an account could not be registered with a gateway. No value of a field is in it.
public struct RegistrationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; more may come.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// A short, stable name for counters and logs.
        public let description: String
        private init(_ name: String) { description = name }
        /// What was configured doesn't fit the gateway's form, or can't be resolved.
        public static let fields = Code("fields")
        /// The gateway refused, or has nothing to register with.
        public static let refused = Code("refused")
        /// The gateway never answered.
        public static let silent = Code("silent")
        /// Our own connection failed. Time may mend it.
        public static let offline = Code("offline")
    }
    /// What kind of failure it is.
    public let code: Code
    /// With whom.
    public let gateway: Address
    /// What happened, and what to do about it.
    public let message: String

    /// Makes an error.
    public init(_ code: Code, _ gateway: Address, _ message: String) {
        self.code = code
        self.gateway = gateway
        self.message = message
    }

    /// With whom, and the message.
    public var description: String { "registration with \(gateway): \(message)" }
}
