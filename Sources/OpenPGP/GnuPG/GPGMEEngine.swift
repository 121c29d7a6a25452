internal import CGPGME
internal import Glibc
public import Logging
internal import Synchronization

/// ``OpenPGPEngine`` over GPGME: one account's ordinary GnuPG home, worked by GnuPG's own `gpg` and `gpg-agent`.
///
/// Every operation runs on a thread of our own pool, at most two at a time for one home, and ends at its time limit.
/// The agent is started when a secret key is needed, stopped when idle, and ends with this process, however that ends.
/// A cancelled task gets `CancellationError`; all else that is thrown is ``OpenPGPError``.
public final class GPGMEEngine: OpenPGPEngine {
    /// What may be chosen.
    public struct Options: Hashable, Sendable {
        /// How long the agent stays after its last use. A start costs about 20 ms, an agent about 3 MB.
        public var agentIdle: Duration
        /// The longest that operations without a limit of their own may run, each attempt for itself.
        public var time: Duration
        /// Whether the agent may talk to smartcards.
        public var smartcards: Bool

        /// Makes options.
        public init(agentIdle: Duration = .seconds(60), time: Duration = .seconds(30), smartcards: Bool = false) {
            self.agentIdle = agentIdle
            self.time = time
            self.smartcards = smartcards
        }
    }

    let home: GnuPGHome
    let options: Options
    let logger: Logger
    let passphrase: PassphraseSource?
    let agent: GnuPGAgent
    let contexts: GPGMEContexts
    let staging: StagingArea
    let cache: KeyCache
    let signers: Signers
    let workers: GPGMEWorkers
    private let idleCheckPending = Mutex(false)

    /// Opens the GnuPG home at `home` (an absolute path), which is made with mode 0700 if it is missing.
    ///
    /// With a `passphrase`, keys that are made are protected by it, and keys that are protected by it can be used.
    /// - Throws: ``OpenPGPError`` with code `keyring` if the home is not ours alone, can't be made, or its path is too long for a socket;
    ///   `engine` if GnuPG is missing or too old.
    public init(home: String, passphrase: PassphraseSource? = nil, options: Options = Options(), logger: Logger) async throws {
        workers = .shared
        let smartcards = options.smartcards
        let prepared = try await workers.run(home: home, limit: options.time) { _ in
            let version = try GPGMEContexts.checkVersions()
            let prepared = try GnuPGHome(preparing: home, smartcards: smartcards, version: version)
            Leftovers.clear(home: prepared.path)
            return prepared
        }
        for remark in prepared.remarks { logger.warning("\(remark)") }
        self.home = prepared
        self.options = options
        self.logger = logger
        self.passphrase = passphrase
        agent = GnuPGAgent(home: prepared, logger: logger)
        contexts = GPGMEContexts(home: prepared.path)
        staging = StagingArea(home: prepared.path)
        cache = KeyCache(home: prepared.path)
        signers = Signers(cache: cache)
    }

    /// Stops the agent. Operations that need it throw from now on. Waits for the agent's end, well under two seconds.
    public func close() async {
        let agent = agent
        // Not cancelled with the caller: an agent left behind would be worse than a moment's wait.
        await Task { [workers, home] in
            try? await workers.run(home: home.path + "\0close", limit: .seconds(10)) { _ in agent.close() }
        }.value
    }

    // MARK: running operations

    /// One attempt at an operation.
    struct Attempt {
        let context: GPGMEContext
        let log: StatusLog
        let interruption: Interruption

        /// Runs one blocking call of GPGME's and returns its error code.
        func run(_ call: (OpaquePointer) -> gpgme_error_t) throws -> gpgme_error_t {
            try log.during(context) { try interruption.during(context, call) }
        }
    }

    private enum Retry: Error {
        case withPassphrase
        case withNewAgent
    }
    /// How many agents may die under one operation before it is left for later.
    private static let mostAgents = 3

    /// Runs an operation on a worker: with the agent if it needs secret keys, again if that died, again if the passphrase is wanted.
    func perform<Value: Sendable>(
        limit: Duration? = nil,
        secret: Bool,
        writes: Bool = false,
        _ body: @escaping @Sendable (Attempt) throws -> Value
    ) async throws -> Value {
        var held: SecretBytes?
        var newAgents = 0
        while true {
            do {
                return try await attempt(limit: limit ?? options.time, secret: secret, writes: writes, passphrase: held, body)
            } catch Retry.withPassphrase where held == nil {
                held = try await askPassphrase()
            } catch Retry.withNewAgent {
                newAgents += 1
                guard newAgents < Self.mostAgents else {
                    throw OpenPGPError(.unavailable, "gpg-agent ended \(newAgents) times while it was needed for \(home.path)")
                }
            } catch Retry.withPassphrase {
                throw OpenPGPError(.passphrase, "GnuPG asks for another passphrase than the one that is configured")
            } catch let error as OpenPGPError where error.code == .timedOut {
                await recover()
                throw error
            }
        }
    }

    private func attempt<Value: Sendable>(
        limit: Duration,
        secret: Bool,
        writes: Bool,
        passphrase: SecretBytes?,
        _ body: @escaping @Sendable (Attempt) throws -> Value
    ) async throws -> Value {
        let (home, agent, contexts) = (home, agent, contexts)
        defer { if secret { scheduleIdleCheck(after: options.agentIdle) } }
        return try await workers.run(home: home.path, limit: limit, exclusive: writes) { interruption in
            let log = StatusLog(passphrase: passphrase)
            func once(_ which: Int?) throws -> Value {
                do {
                    return try contexts.with { try body(Attempt(context: $0, log: log, interruption: interruption)) }
                } catch let error as OpenPGPError where interruption.reason == nil {
                    try home.checkPresence()
                    if writes || !secret { try home.checkSpace() }
                    if secret, !writes { try home.checkKeys() }
                    if log.passphraseWasWrong { throw OpenPGPError(.passphrase, "the passphrase of the keyring \(home.path) is wrong") }
                    if log.wantedPassphrase { throw Retry.withPassphrase }
                    // gpg tells a missing agent like a missing key; only one of them is the message's fault.
                    if let which, error.code != .tooBig, !agent.isStill(which) { throw Retry.withNewAgent }
                    throw error
                }
            }
            do {
                return try secret ? agent.use(once) : once(nil)
            } catch let error as OpenPGPError where interruption.reason == nil && (error.code == .engine || error.code == .unavailable) {
                try home.checkPresence()
                throw error
            }
        }
    }

    func askPassphrase() async throws -> SecretBytes {
        guard let passphrase else {
            throw OpenPGPError(
                .passphrase,
                "the secret key in \(home.path) is protected by a passphrase and none is configured"
            )
        }
        let bytes: SecretBytes
        do {
            bytes = try await passphrase.passphrase()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw OpenPGPError(.passphrase, "the passphrase of the keyring \(home.path) can't be had: \(error)")
        }
        let usable = bytes.withUnsafeBytes { !$0.isEmpty && $0.count <= 255 && !$0.contains(10) && !$0.contains(0) }
        guard usable else {
            throw OpenPGPError(.passphrase, "the passphrase of the keyring \(home.path) is empty, longer than 255 bytes, or not one line")
        }
        return bytes
    }

    /// After a time-out: whatever hangs, agent or gpg, is ended, so that the next operation starts clean.
    private func recover() async {
        let (home, agent) = (home, agent)
        logger.warning("an operation ran into its time limit; the keyring's agent is ended", metadata: ["home": "\(home.path)"])
        await Task { [workers] in
            try? await workers.run(home: home.path + "\0recover", limit: .seconds(15)) { _ in
                agent.kill()
                AbandonedProcesses.end(home: home.path)
            }
        }.value
    }

    /// One check is under way at a time; it comes back until the agent is idle or gone.
    private func scheduleIdleCheck(after delay: Duration) {
        let mine = idleCheckPending.withLock {
            let first = !$0
            $0 = true
            return first
        }
        guard mine else { return }
        workers.after(delay) { [weak self] in
            guard let self else { return }
            let (agent, idle) = (agent, options.agentIdle)
            workers.submit(home: home.path + "\0idle", limit: .seconds(10)) { [weak self] in
                let again = agent.stop(ifIdleFor: idle)
                self?.idleCheckPending.withLock { $0 = false }
                if let again { self?.scheduleIdleCheck(after: again) }
            }
        }
    }
}

/// The system's clock, in seconds since 1970.
func secondsNow() -> Int64 { Int64(time(nil)) }
