public import Logging
public import XMPP

/// What a process is started for, and with what.
public struct Launch: Sendable {
    /// What is to be done; the state directory's lock is held in every case.
    public enum Purpose: Sendable {
        /// Keep all accounts online and run their bots.
        case serve
        /// Log one account in to send something: no presence, no bots, nothing received.
        case send(from: Address)
        /// Look at and change one account's keys; connects only where a request needs it.
        case keys(of: Address)
        /// Look after the store; opens no account.
        case store
    }
    /// What is to be done.
    public var purpose: Purpose
    /// The configuration.
    public var settings: Settings
    /// The Swift modules that are compiled in.
    public var modules: SwiftModules
    /// What `${NAME}` and secrets by reference are taken from.
    public var environment: [String: String]
    /// What the process says about itself.
    public var logger: Logger

    /// Makes a launch.
    public init(purpose: Purpose, settings: Settings, modules: SwiftModules, environment: [String: String], logger: Logger) {
        self.purpose = purpose
        self.settings = settings
        self.modules = modules
        self.environment = environment
        self.logger = logger
    }
}

/// Accounts at work: what a launch makes.
public protocol LaunchedRuntime: Controllable {
    /// Works until the task is cancelled or a graceful shutdown begins, then closes streams and stops agents and programs.
    func run() async throws

    /// Takes on what has changed in the configuration and in the bots' files, if it can; returns when that is done.
    func reload() async
}

extension LaunchedRuntime {
    /// Does nothing: what runs for one errand has nothing to take on.
    public func reload() async {}
}
