/// What `oxbow status` shows.
public struct StatusReport: Hashable, Sendable, Codable {
    /// The version of the running program.
    public var version: String
    /// Its process.
    public var process: Int32
    /// When it was started, in seconds since 1970.
    public var since: Int64
    /// Its accounts, in the order of the configuration.
    public var accounts: [Account]
    /// The last time that the configuration was read again; `nil` if that never happened.
    public var reload: Reload?

    /// Makes a report.
    public init(version: String, process: Int32, since: Int64, accounts: [Account]) {
        self.version = version
        self.process = process
        self.since = since
        self.accounts = accounts
    }

    /// An attempt to take on a changed configuration.
    public struct Reload: Hashable, Sendable, Codable {
        /// When, in seconds since 1970.
        public var time: Int64
        /// Why nothing was changed, a line an error; `nil` if it succeeded.
        public var error: String?

        /// Makes a report of an attempt.
        public init(time: Int64, error: String? = nil) {
            self.time = time
            self.error = error
        }
    }

    /// One account.
    public struct Account: Hashable, Sendable, Codable {
        /// Its bare JID.
        public var jid: String
        /// Where it stands: `starting`, `online`, `offline`, `failed` or `stopped`.
        public var state: String
        /// Why, and what to do about it, unless it is online.
        public var reason: String?
        /// Since when, in seconds since 1970.
        public var since: Int64
        /// When it tries again to come online, in seconds since 1970, if that is known.
        public var next: Int64?
        /// Its own key's fingerprint, once it has one.
        public var fingerprint: String?
        /// Its bots.
        public var bots: [Bot]
        /// Its gateways; `nil` from an Oxbow that knows none.
        public var gateways: [GatewayReport.Item]?
        /// What was counted, by name: `opened`, `sent`, `refused.replay` and so on; names in alphabetical order when printed.
        public var counters: [String: Int]

        /// Makes a report of an account.
        public init(
            jid: String,
            state: String,
            reason: String? = nil,
            since: Int64,
            fingerprint: String? = nil,
            bots: [Bot] = [],
            gateways: [GatewayReport.Item]? = nil,
            counters: [String: Int] = [:]
        ) {
            self.gateways = gateways
            self.jid = jid
            self.state = state
            self.reason = reason
            self.since = since
            self.fingerprint = fingerprint
            self.bots = bots
            self.counters = counters
        }
    }

    /// One bot of an account.
    public struct Bot: Hashable, Sendable, Codable {
        /// Its name.
        public var name: String
        /// What keeps it from working, or `nil`.
        public var problem: String?

        /// Makes a report of a bot.
        public init(name: String, problem: String? = nil) {
            self.name = name
            self.problem = problem
        }
    }
}
