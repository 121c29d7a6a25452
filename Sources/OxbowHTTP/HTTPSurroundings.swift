public import Alerting
public import Logging
public import Oxbow

/// What the HTTP service works with.
public struct HTTPSurroundings: Sendable {
    /// The running accounts.
    public var control: any Controllable
    /// Takes alerts; `nil` when the configuration has none.
    public var desk: (any HookDesk)?
    /// What is counted.
    public var counters: Counters
    /// What is measured.
    public var gauges: @Sendable () async -> [Gauge]
    /// What happened last, newest first, for the status page.
    public var recent: @Sendable () -> [RecentEvent]
    /// Whether the process does its work: its store answers.
    public var isAlive: @Sendable () async -> Bool
    /// What secrets by reference are taken from.
    public var environment: [String: String]
    /// What the service says about itself: never a secret, a header's value or a body.
    public var logger: Logger
    /// The time of day, in seconds since 1970.
    public var now: @Sendable () -> Int64

    /// Makes surroundings.
    public init(
        control: any Controllable,
        desk: (any HookDesk)?,
        counters: Counters,
        gauges: @escaping @Sendable () async -> [Gauge],
        recent: @escaping @Sendable () -> [RecentEvent],
        isAlive: @escaping @Sendable () async -> Bool,
        environment: [String: String],
        logger: Logger,
        now: @escaping @Sendable () -> Int64
    ) {
        self.control = control
        self.desk = desk
        self.counters = counters
        self.gauges = gauges
        self.recent = recent
        self.isAlive = isAlive
        self.environment = environment
        self.logger = logger
        self.now = now
    }
}
