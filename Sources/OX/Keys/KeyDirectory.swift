public import OpenPGP
public import XMPP

/// What one account knows about the keys of its peers: discovery by PEP, checks, trust, and the operator's words.
///
/// Pins live in the ``PinStore``, certificates in the account's keyring; in memory is only what may be lost. The directory never searches
/// a key by name, and never imports one that it isn't going to use. It serves any number of peers at once, and one reading at a time
/// for each; whether a peer is worth any request is the account's decision, made before (R3).
public actor KeyDirectory {
    /// How often lists are read, and for how long what they said holds. All in seconds but the time of a request.
    public struct Limits: Hashable, Sendable {
        /// A list older than this is read again before sealing (R15).
        public var fresh: Int64
        /// An unknown signer leads to one reading of the sender's list in this time (R15).
        public var unknownSigner: Int64
        /// Notices lead to at most one reading of a peer's list in this time.
        public var notice: Int64
        /// After a reading that failed, the next is tried at the earliest after this time.
        public var failure: Int64
        /// For how long pins stay in use when the list can't be read (R15).
        public var unreadable: Int64
        /// How long one request may take.
        public var request: Duration
        /// How many peers are remembered in memory.
        public var peers: Int

        /// Makes limits; the defaults are R15's, and one reading a minute at most.
        public init(
            fresh: Int64 = 3600,
            unknownSigner: Int64 = 300,
            notice: Int64 = 30,
            failure: Int64 = 60,
            unreadable: Int64 = 7 * 86_400,
            request: Duration = .seconds(20),
            peers: Int = 2048
        ) {
            self.fresh = fresh
            self.unknownSigner = unknownSigner
            self.notice = notice
            self.failure = failure
            self.unreadable = unreadable
            self.request = request
            self.peers = peers
        }
    }

    /// The account's bare JID.
    public nonisolated let account: Address
    /// The account's trust policy for people on XMPP.
    public nonisolated let policy: TrustPolicy
    /// How keys of people behind gateways are found and trusted, by the gateway's domain.
    nonisolated let gateways: [Address: GatewayKeys]
    let engine: any OpenPGPEngine
    let pins: any PinStore
    let admission: KeyAdmission
    let fetcher: KeyFetcher?
    let limits: Limits
    let clock: @Sendable () -> Int64
    let tell: @Sendable (KeyEvent) -> Void
    let turns = Turns()
    var memories: PeerMemories

    /// Makes a directory for one account.
    ///
    /// - Parameters:
    ///   - account: The account; its bare JID is used.
    ///   - engine: The account's keyring.
    ///   - session: Where lists and keys are fetched; without one, only what is known already is used.
    ///   - pins: The memory of pins.
    ///   - policy: Which announced keys are trusted.
    ///   - rule: Which User IDs bind a key to an address.
    ///   - gateways: How it is with people behind gateways, by the gateway's domain: there, policy and rule are the gateway's own (R16, R20).
    ///   - clock: The time in seconds since 1970.
    ///   - events: Hears what an operator should know. It is called on the directory's actor and must return at once.
    public init(
        account: Address,
        engine: any OpenPGPEngine,
        session: (any Session)?,
        pins: any PinStore,
        policy: TrustPolicy,
        rule: UserIDRule = .xmpp,
        gateways: [Address: GatewayKeys] = [:],
        limits: Limits = Limits(),
        clock: @escaping @Sendable () -> Int64,
        events: @escaping @Sendable (KeyEvent) -> Void = { _ in }
    ) {
        self.account = account.bare
        self.engine = engine
        self.pins = pins
        let rules = gateways.mapValues(\.rule)
        let combined = rules.isEmpty ? rule : UserIDRule { (rules[$1.domainAddress] ?? rule).accepts($0, for: $1) }
        let admission = KeyAdmission(engine: engine, rule: combined)
        self.admission = admission
        self.fetcher = session.map { KeyFetcher(pep: PEP(session: $0, timeout: limits.request), admission: admission) }
        self.policy = policy
        self.gateways = gateways
        self.limits = limits
        self.clock = clock
        self.tell = events
        self.memories = PeerMemories(limit: limits.peers)
    }

    /// The policy for one peer: behind a gateway it is the gateway's.
    nonisolated func policy(for peer: Address) -> TrustPolicy {
        gateways[peer.domainAddress]?.policy(for: peer) ?? policy
    }
}
