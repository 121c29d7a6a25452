internal import XML

/// A login by SASL (RFC 6120 § 6) with what R13 makes of it: the choice of the mechanism, the exchange, and at most one second attempt
/// without a channel binding that the server hadn't listed.
struct Login: Sendable {
    /// What has to be done.
    enum Step: Sendable {
        case write(Element)
        case derive(SCRAMKeyRequest)
        case warn(String)
        case succeeded(LoginPins)
        case failed(SessionFailure)
    }

    private enum State {
        case idle
        case scram(SCRAM)
        case plain
        /// We gave the first attempt up and wait for the server to say so, too.
        case aborting
        case over
    }

    private let offer: SASLOffer
    private let bindings: [ChannelBinding]
    private let account: Address
    private let password: Password
    private let allowPlain: Bool
    private let pins: LoginPins
    private let keys: SCRAMKeys?
    private let random: @Sendable (Int) -> [UInt8]
    private var avoidsUnlisted: Bool
    private var bindingIsUnlisted = false
    private var state = State.idle
    /// A channel binding without a list of types was refused on this connection.
    private(set) var unlistedBindingFailed = false

    /// Prepares a login.
    init(
        _ offer: SASLOffer,
        bindings: [ChannelBinding],
        configuration: ClientStream.Configuration,
        random: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.offer = offer
        self.bindings = ChannelBinding.Kind.allCases.compactMap { kind in bindings.first { $0.kind == kind && !$0.bytes.isEmpty } }
        account = configuration.account
        password = configuration.password
        allowPlain = configuration.allowPlain
        pins = configuration.pins
        keys = configuration.keys
        avoidsUnlisted = configuration.skipUnlistedBinding || configuration.pins.unlistedBindingFails
        self.random = random
    }

    /// Begins.
    mutating func start() -> [Step] {
        guard let user = account.local else { return fail("The account \(account) has no name in front of the @.") }
        // RFC 4013: what a server has normalised must be normalised here, too.
        guard let prepared = Stringprep.password(password.text), !prepared.isEmpty else {
            return fail("The password of \(account) is empty or has characters that no password may have (RFC 4013).")
        }
        let choice: MechanismChoice
        do throws(MechanismChoice.Refusal) {
            choice = try MechanismChoice.choose(
                from: offer,
                available: bindings,
                pins: pins,
                allowPlain: allowPlain,
                avoidsUnlisted: avoidsUnlisted
            )
        } catch { return fail(error.message) }
        bindingIsUnlisted = choice.bindingIsUnlisted
        let warning = choice.warning.map { [Step.warn($0)] } ?? []
        switch choice.way {
        case .plain:
            state = .plain
            return warning + [.write(auth("PLAIN", Array("\0\(user)\0\(prepared)".utf8)))]
        case .scram(let hash, let binding, let needsProof):
            let scram = SCRAM(
                hash,
                binding,
                user: user,
                password: Password(prepared),
                nonce: Base64.encode(random(24)),
                offer: offer,
                needsProof: needsProof
            )
            state = .scram(scram)
            return warning + [.write(auth(scram.mechanism, Array(scram.first.utf8)))]
        }
    }

    /// Takes in an element of the SASL namespace.
    mutating func receive(_ element: Element) -> [Step] {
        switch element.local {
        case "challenge": return challenged(element)
        case "success": return succeeded(element)
        case "failure": return refused(element)
        default: return broken("<\(element.local.prefix(30))/>")
        }
    }

    /// Takes in the keys that were asked for.
    mutating func derived(_ keys: SCRAMKeys) -> [Step] {
        guard case .scram(var scram) = state else { return [] }
        do throws(SCRAM.Failure) {
            let message = try scram.final(keys)
            state = .scram(scram)
            return [.write(Element("response", Namespace.sasl, text: Base64.encode(Array(message.utf8))))]
        } catch { return failed(error) }
    }

    private mutating func challenged(_ element: Element) -> [Step] {
        guard case .scram(var scram) = state, let message = Self.data(element) else { return broken("a challenge") }
        do throws(SCRAM.Failure) {
            // RFC 6120 lets a server send its last word as a challenge and then an empty <success/>.
            if scram.awaitsFinal {
                try scram.receive(final: message)
                state = .scram(scram)
                return [.write(Element("response", Namespace.sasl))]
            }
            let request = try scram.receive(first: message)
            state = .scram(scram)
            if let keys, keys.answer(request) { return derived(keys) }
            return [.derive(request)]
        } catch { return failed(error) }
    }

    private mutating func succeeded(_ element: Element) -> [Step] {
        switch state {
        case .plain:
            state = .over
            return [.succeeded(pins)]
        case .scram(var scram):
            guard let message = Self.data(element) else { return broken("<success/> with data that isn't base64") }
            do throws(SCRAM.Failure) {
                if scram.awaitsFinal { try scram.receive(final: message) }
                // A server that can't prove that it knows the account isn't ours, however successful it calls us.
                guard scram.isDone else { throw .serverUnproven }
            } catch { return failed(error) }
            state = .over
            return [.succeeded(pins(after: scram))]
        default: return broken("<success/>")
        }
    }

    private func pins(after scram: SCRAM) -> LoginPins {
        var pins = pins
        pins.scram = true
        if case .used = scram.binding {
            pins.channelBinding = true
            pins.unlistedBindingFails = false
        } else if avoidsUnlisted, offer.bindings == nil, offer.mechanisms.contains(where: { $0.hasSuffix("-PLUS") }) {
            pins.unlistedBindingFails = true
        }
        return pins
    }

    private mutating func refused(_ element: Element) -> [Step] {
        let condition = element.elements.first { $0.local != "text" }?.local ?? "undefined-condition"
        let text = element.first("text", Namespace.sasl)?.text
        switch state {
        case .aborting: return withoutBinding()
        case .scram, .plain:
            // An unknown type of channel binding reads like a wrong password; only these say that it isn't about that.
            let settled = ["account-disabled", "credentials-expired", "temporary-auth-failure", "encryption-required"]
            if bindingIsUnlisted, !settled.contains(condition) { return withoutBinding() }
            state = .over
            return [.failed(Self.failure(condition, text, account: account))]
        default: return broken("<failure/>")
        }
    }

    private mutating func withoutBinding() -> [Step] {
        unlistedBindingFailed = true
        avoidsUnlisted = true
        return start()
    }

    private mutating func failed(_ failure: SCRAM.Failure) -> [Step] {
        let abort = Step.write(Element("abort", Namespace.sasl))
        if case .refused = failure, bindingIsUnlisted {
            state = .aborting
            return [abort]
        }
        return [abort] + fail(Self.message(failure, account: account))
    }

    private mutating func broken(_ what: String) -> [Step] {
        state = .over
        return [.failed(SessionFailure(.protocol, "While logging in \(account), the server sent \(what), which has no place there."))]
    }

    private mutating func fail(_ message: String) -> [Step] {
        state = .over
        return [.failed(SessionFailure(.login, message))]
    }

    private func auth(_ mechanism: String, _ initial: [UInt8]) -> Element {
        Element("auth", Namespace.sasl, ["mechanism": mechanism], text: Base64.encode(initial))
    }

    /// The decoded content; a lone `=` stands for no data (RFC 6120 § 6.4.2).
    private static func data(_ element: Element) -> String? {
        let text = element.text
        guard text != "=", let bytes = Base64.decode(text) else { return text == "=" ? "" : nil }
        return String(validating: bytes, as: UTF8.self)
    }
}
