public import OX
import XML
public import XMPP

/// What one account knows about its gateways: what they offer, what they say about recipients, and whether they are still what they were.
///
/// Everything but the ``PolicyMemory`` lasts for a session. Answers are asked for once and shared; a gateway that doesn't answer is asked
/// again after a while.
public actor GatewayDirectory {
    /// How long things take and last.
    public struct Limits: Hashable, Sendable {
        /// How long disco may take.
        public var disco: Duration
        /// How long the data request may take; Libervia never answers who isn't registered.
        public var data: Duration
        /// After a failure, the next try is made at the earliest after this time, in seconds.
        public var failure: Int64
        /// For how many recipients answers are kept.
        public var recipients: Int

        /// Makes limits.
        public init(disco: Duration = .seconds(20), data: Duration = .seconds(20), failure: Int64 = 60, recipients: Int = 1024) {
            self.disco = disco
            self.data = data
            self.failure = failure
            self.recipients = recipients
        }
    }

    /// The account's bare JID.
    public nonisolated let account: Address
    /// The gateways that the account accepts, by domain.
    public nonisolated let gateways: [Address: AcceptedGateway]
    /// The formatters that the account has.
    public nonisolated let formatters: FormatterRegistry
    /// The encrypters that the account has.
    public nonisolated let encrypters: EncrypterRegistry
    private let session: (any Session)?
    private let memory: any PolicyMemory
    private let limits: Limits
    private let clock: @Sendable () -> Int64
    private let tell: @Sendable (GatewayEvent) -> Void

    private var offers: [Address: GatewayOffer] = [:]
    private var agreements: [Address: Agreement] = [:]
    private var data: [Address: GatewayData] = [:]
    private var failures: [Address: (error: SealError, at: Int64)] = [:]
    private var policies: [Address: GatewayPolicy] = [:]
    private var told: [Address: Set<GatewayEvent.Kind>] = [:]

    /// Makes a directory for one account.
    ///
    /// - Parameters:
    ///   - account: The account; its bare JID is used.
    ///   - gateways: What the operator has configured.
    ///   - session: Where gateways are asked; without one, nothing can be sealed.
    ///   - memory: What outlives the process.
    ///   - formatters: What the account can format.
    ///   - encrypters: What the account can encrypt with.
    ///   - clock: The time in seconds since 1970.
    ///   - events: Hears what an operator should know. It is called on the directory's actor and must return at once.
    public init(
        account: Address,
        gateways: [AcceptedGateway],
        session: (any Session)?,
        memory: any PolicyMemory,
        formatters: FormatterRegistry,
        encrypters: EncrypterRegistry,
        limits: Limits = Limits(),
        clock: @escaping @Sendable () -> Int64,
        events: @escaping @Sendable (GatewayEvent) -> Void = { _ in }
    ) {
        self.account = account.bare
        self.gateways = Dictionary(gateways.map { ($0.domain, $0) }, uniquingKeysWith: { $1 })
        self.session = session
        self.memory = memory
        self.formatters = formatters
        self.encrypters = encrypters
        self.limits = limits
        self.clock = clock
        self.tell = events
    }

    /// The gateway that an address is behind, if the account accepts it.
    public nonisolated func gateway(of address: Address) -> AcceptedGateway? { gateways[address.domainAddress] }

    /// The account has a new session (not a resumed one): what gateways said in the last one is asked again.
    public func sessionBegan() {
        offers = [:]
        agreements = [:]
        data = [:]
        failures = [:]
        // A hold outlives the session, and was told.
        told = told.mapValues { $0.intersection(Self.holds) }
    }

    /// The operator accepts what a gateway says now, whatever it said before: sending to it goes on, and its next answers are remembered.
    ///
    /// - Throws: What the memory throws.
    public func accept(_ gateway: Address) async throws {
        let gateway = gateway.domainAddress
        try await memory.setGatewayRecord(nil, account: account, gateway: gateway)
        policies[gateway] = GatewayPolicy(nil)
        told[gateway] = nil
        offers[gateway] = nil
        for recipient in Set(agreements.keys).union(data.keys) where recipient.domainAddress == gateway {
            agreements[recipient] = nil
            data[recipient] = nil
        }
        forgetFailures(of: gateway)
    }

    /// What a gateway has refused may succeed now, since the account has registered with it: it is asked again at once.
    public func forgetFailures(of gateway: Address) {
        failures = failures.filter { $0.key.domainAddress != gateway.domainAddress }
    }

    /// Why nothing is sent to a gateway until ``accept(_:)``; `nil` if it isn't held.
    public func hold(on gateway: Address) async -> GatewayPolicy.Hold? {
        _ = try? await load(gateway.domainAddress)
        return policies[gateway.domainAddress]?.hold
    }

    // MARK: what sealing and opening ask

    /// What a gateway offers. Its policy isn't looked at.
    ///
    /// - Throws: ``OX/SealError`` `gateway-not`, `gateway-unreachable`.
    public func offer(of gateway: Address) async throws(SealError) -> GatewayOffer {
        let gateway = gateway.domainAddress
        guard gateways[gateway] != nil else {
            throw SealError(.notAGateway, "\(gateway) is no gateway of \(account): name it under gateways in the configuration")
        }
        if let known = offers[gateway] { return known }
        try recall(gateway)
        do throws(SealError) {
            let info = try await disco(gateway)
            guard let offer = info.flatMap({ GatewayOffer(domain: $0) }) else {
                throw SealError(
                    .notAGateway,
                    "\(gateway) doesn't say that it is a gateway with relayed encryption (an identity of category gateway, and the feature "
                        + "\(Namespace.gatewayRelay)): nothing is sent there, and nothing is read from there"
                )
            }
            offers[gateway] = offer
            return offer
        } catch {
            throw remember(error, gateway, tells: error.code == .notAGateway ? .unusable : nil)
        }
    }

    /// What we and a gateway have in common for one recipient, once its policy is still what it was.
    ///
    /// - Throws: ``OX/SealError``: what ``offer(of:)`` throws, `gateway-unsupported`, `gateway-policy-changed`, `store`.
    public func agreement(for recipient: Address) async throws(SealError) -> Agreement {
        let recipient = recipient.bare
        let gateway = recipient.domainAddress
        var offer = try await offer(of: gateway)
        try await hold(to: offer, gateway)
        if let known = agreements[recipient] { return known }
        // A recipient's own answer may only narrow, so none at all is as good as one (R19).
        if let info = try? await disco(recipient) { offer = offer.narrowed(by: info) }
        do {
            let agreement = try Agreement(gateway: gateway, offer: offer, formatters: formatters, encrypters: encrypters)
            if agreements.count >= limits.recipients { agreements = [:] }
            agreements[recipient] = agreement
            return agreement
        } catch {
            throw remember(error, recipient, tells: .unusable)
        }
    }

    /// What a gateway says about a recipient: asked once a session, or each time if a formatter or encrypter says so.
    ///
    /// - Throws: ``OX/SealError`` `gateway-data`, `gateway-unreachable`, `gateway-sender-changed`, `store`.
    public func data(for recipient: Address, _ agreement: Agreement) async throws(SealError) -> GatewayData {
        let recipient = recipient.bare
        let known = agreement.needsFreshData ? nil : data[recipient]
        let answer: GatewayData
        if let known {
            answer = known
        } else {
            try recall(recipient)
            do {
                answer = try await fetch(recipient, agreement)
            } catch {
                throw remember(error, recipient, tells: error.code == .noGatewayData ? .unusable : nil)
            }
        }
        try await hold(to: answer, agreement.gateway)
        if data.count >= limits.recipients { data = [:] }
        data[recipient] = answer
        return answer
    }

    /// Who we are on the network behind a gateway, as far as that is known: remembered, or asked for now about somebody behind it.
    public func senderID(at gateway: Address, asking peer: Address) async -> String? {
        let gateway = gateway.domainAddress
        _ = try? await load(gateway)
        if let known = policies[gateway]?.record.senderID { return known }
        guard let agreement = try? await agreement(for: peer) else { return nil }
        return try? await data(for: peer, agreement).senderID
    }

    /// Whether somebody needs our key as a file; from now on they don't (R23).
    ///
    /// - Throws: ``OX/SealError`` `store`.
    func introduces(_ peer: Address) async throws(SealError) -> Bool {
        try await stored { !(try await self.memory.isIntroduced(account: self.account, peer: peer.bare)) }
    }

    /// Somebody has been sent our key as a file.
    func introduced(_ peer: Address) async throws(SealError) {
        try await stored { try await self.memory.setIntroduced(account: self.account, peer: peer.bare) }
    }

    // MARK: asking

    private func disco(_ entity: Address) async throws(SealError) -> DiscoInfo? {
        guard let answer = try await ask(DiscoInfo.request(to: entity), limits.disco, entity) else { return nil }
        return DiscoInfo(answer)
    }

    private func fetch(_ recipient: Address, _ agreement: Agreement) async throws(SealError) -> GatewayData {
        let answer: Element?
        do throws(SealError) {
            answer = try await ask(GatewayData.request(for: recipient, agreement), limits.data, recipient)
        } catch {
            guard error.code == .noAnswer else { throw error }
            throw SealError(
                .noGatewayData,
                "the gateway \(agreement.gateway) doesn't say who we are to \(recipient): no answer within \(limits.data). "
                    + "Is \(account) registered with it?"
            )
        }
        let data: GatewayData
        do {
            data = try GatewayData(answer)
        } catch {
            throw SealError(.noGatewayData, "what the gateway \(agreement.gateway) says about \(recipient) can't be used: \(error)")
        }
        guard agreement.formatter.accepts(senderID: data.senderID) else {
            throw SealError(.noGatewayData, "the gateway \(agreement.gateway) gives us a sender_id that is no address of its network")
        }
        return data
    }

    private func ask(_ request: Request, _ limit: Duration, _ entity: Address) async throws(SealError) -> Element? {
        guard let session else { throw SealError(.noConnection, "\(entity) can't be asked: there is no connection") }
        do {
            return try await session.request(request, timeout: limit)
        } catch let error as StanzaError {
            throw GatewayRefusal.error(error, from: entity, account: account)
        } catch let error as SessionError where error.code == .timedOut {
            throw SealError(.noAnswer, "\(entity) didn't answer within \(limit)")
        } catch let error as SessionError {
            throw SealError(.noConnection, "\(entity) can't be asked: \(error.message)")
        } catch {
            throw SealError(.noConnection, "\(entity) can't be asked now")
        }
    }

    // MARK: remembering

    private func recall(_ entity: Address) throws(SealError) {
        guard let failure = failures[entity] else { return }
        let age = clock() - failure.at
        if age >= 0, age < limits.failure { throw failure.error }
        failures[entity] = nil
    }

    private func remember(_ error: SealError, _ entity: Address, tells kind: GatewayEvent.Kind?) -> SealError {
        // Our own connection says nothing about the gateway, and neither does our store.
        if error.code == .noConnection { return SealError(.interrupted, error.message) }
        guard error.code != .store else { return error }
        let error = error.code == .noAnswer ? SealError(.gatewayUnreachable, error.message) : error
        if failures.count >= limits.recipients { failures = [:] }
        failures[entity] = (error, clock())
        if let kind { tellOnce(kind, entity.domainAddress, error.message) }
        return error
    }

    private func tellOnce(_ kind: GatewayEvent.Kind, _ gateway: Address, _ message: String) {
        guard told[gateway, default: []].insert(kind).inserted else { return }
        tell(GatewayEvent(kind, gateway: gateway, message: message))
    }

    private func load(_ gateway: Address) async throws(SealError) {
        guard policies[gateway] == nil else { return }
        let record = try await stored { try await self.memory.gatewayRecord(account: self.account, gateway: gateway) }
        if policies[gateway] == nil { policies[gateway] = GatewayPolicy(record) }
    }

    private func hold(to offer: GatewayOffer, _ gateway: Address) async throws(SealError) {
        try await load(gateway)
        if policies[gateway]?.note(offer) == true { try await keep(gateway) }
        try refuseIfHeld(gateway)
    }

    private func hold(to data: GatewayData, _ gateway: Address) async throws(SealError) {
        try await load(gateway)
        if policies[gateway]?.note(senderID: data.senderID) == true { try await keep(gateway) }
        try refuseIfHeld(gateway)
    }

    private func keep(_ gateway: Address) async throws(SealError) {
        let record = policies[gateway]?.record
        try await stored { try await self.memory.setGatewayRecord(record, account: self.account, gateway: gateway) }
    }

    private static let holds: Set<GatewayEvent.Kind> = [.policyChanged, .senderChanged]

    private func refuseIfHeld(_ gateway: Address) throws(SealError) {
        guard let hold = policies[gateway]?.hold else {
            told[gateway]?.subtract(Self.holds)
            return
        }
        let words = GatewayPolicy.words(hold, gateway: gateway)
        switch hold {
        case .encryptedOnlyLost:
            tellOnce(.policyChanged, gateway, words)
            throw SealError(.policyChanged, words)
        case .senderChanged:
            tellOnce(.senderChanged, gateway, words)
            // The next try asks anew: perhaps it has come to its senses.
            data = data.filter { $0.key.domainAddress != gateway }
            throw SealError(.senderChanged, words)
        }
    }

    private func stored<Value: Sendable>(_ body: () async throws -> Value) async throws(SealError) -> Value {
        do {
            return try await body()
        } catch {
            throw SealError(.store, "the memory of gateways can't be used: \(error)")
        }
    }
}

extension SealError.Code {
    /// Inside of the directory only: nobody answered in time; our own connection failed.
    fileprivate static let noAnswer = SealError.Code("gateway-no-answer")
    fileprivate static let noConnection = SealError.Code("gateway-no-connection")
}
