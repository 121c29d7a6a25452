public import Delivery
public import GRE
public import Logging
public import OX
public import XMPP

/// The memories that a process works with; OxbowSQLite keeps them on disk, OxbowTesting in memory.
public struct Memories: Sendable {
    /// The inbound journal, which is the replay cache too, and the outbox.
    public var store: any Store
    /// Looks after the store; `nil` for one that needs no care.
    public var upkeep: (any StoreUpkeep)?
    /// The keys of peers, and our own.
    public var pins: any PinStore
    /// What earlier logins have proved (R13).
    public var logins: any LoginMemory
    /// Sessions that can be resumed (R12).
    public var resumptions: any ResumptionMemory
    /// What gateways have said (S19).
    public var policies: any PolicyMemory

    /// Makes a set of memories; without `policies`, what gateways say is forgotten with the process.
    public init(
        store: any Store,
        upkeep: (any StoreUpkeep)? = nil,
        pins: any PinStore,
        logins: any LoginMemory,
        resumptions: any ResumptionMemory,
        policies: (any PolicyMemory)? = nil
    ) {
        self.policies = policies ?? ForgottenPolicies()
        self.store = store
        self.upkeep = upkeep
        self.pins = pins
        self.logins = logins
        self.resumptions = resumptions
    }
}

/// What a process lends to each of its accounts.
public struct House: Sendable {
    /// The memories.
    public var memories: Memories
    /// The Swift modules that are compiled in.
    public var modules: SwiftModules
    /// What is counted.
    public var counters: Counters
    /// What happened lately.
    public var recent = RecentEvents()
    /// What the process says about itself; never content, never a secret.
    public var logger: Logger
    /// What `${NAME}` and secrets by reference are taken from.
    public var environment: [String: String]
    /// The state directory, which no program may see (R18).
    public var stateFolder: String
    /// Makes an account's session: over TCP and TLS, or in tests over something else.
    public var connect: @Sendable (SessionPlan) async throws -> any LiveSession
    /// Asks Web Key Directories, for the gateways whose settings say so (R20); `nil` asks nobody.
    public var webKeys: (any WebKeyFetching)?
    /// Keyrings that are open already.
    public var spares = SpareEngines()
    /// The clock of pauses and time limits.
    public var clock: any Clock<Duration>
    /// The time of day, in seconds since 1970.
    public var now: @Sendable () -> Int64
    /// Takes what an account's outbox has to say to its admins by another way than this account.
    var alarm: @Sendable (OutboxMachine.Notice, Address) -> Void = { _, _ in }

    /// Takes what was given up or is held for the operator.
    var outcome: @Sendable (LetterOutcome) -> Void = { _ in }
    /// Hears of messages that are no letters.
    var otherMessage: @Sendable (OtherMessage) -> Void = { _ in }

    /// Makes a house.
    public init(
        memories: Memories,
        modules: SwiftModules,
        counters: Counters = Counters(),
        logger: Logger,
        environment: [String: String],
        stateFolder: String,
        connect: @escaping @Sendable (SessionPlan) async throws -> any LiveSession = { try await $0.connect() },
        clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Int64
    ) {
        self.memories = memories
        self.modules = modules
        self.counters = counters
        self.logger = logger
        self.environment = environment
        self.stateFolder = stateFolder
        self.connect = connect
        self.clock = clock
        self.now = now
    }
}
