internal import Dispatch
internal import Glibc
internal import Logging
internal import Synchronization

/// The `gpg-agent` of one home, which holds its secret keys: started when one is needed, stopped when it has been idle.
///
/// It runs as `gpg-agent --daemon cat` with `cat` reading from a pipe that only we hold. When we end, however that happens, `cat` reads
/// the end of the pipe and goes, and the agent follows within a few seconds, since it watches the program that it was started with.
/// All methods block; they are for a worker's thread.
final class GnuPGAgent: Sendable {
    private enum Phase {
        case stopped
        case running(guardian: pid_t, pipe: Int32, agent: pid_t)
        case closed
    }
    private struct State {
        var phase = Phase.stopped
        var users = 0
        /// How many agents there have been.
        var starts = 0
        var lastUse = ContinuousClock.now
    }
    private let home: GnuPGHome
    private let logger: Logger
    private let state = Mutex(State())

    init(home: GnuPGHome, logger: Logger) {
        self.home = home
        self.logger = logger
    }

    /// An engine that nobody closed. Nothing is waited for, since this may be any thread.
    deinit { kill() }

    /// Runs `body` with the agent up, and tells it which agent that is, for ``isStill(_:)``.
    func use<Value>(_ body: (_ agent: Int) throws -> Value) throws -> Value {
        let agent = try state.withLock {
            try start(&$0)
            $0.users += 1
            return $0.starts
        }
        defer {
            state.withLock {
                $0.users -= 1
                $0.lastUse = .now
            }
        }
        return try body(agent)
    }

    /// Whether this agent is still the one that is up, and answers. One that is up and doesn't answer is ended.
    func isStill(_ agent: Int) -> Bool {
        state.withLock {
            guard $0.starts == agent, case .running(_, _, let process) = $0.phase else { return false }
            if let socket = AgentSocket(path: home.socket) {
                defer { socket.close() }
                if socket.processID() == process { return true }
            }
            end(&$0, gently: false)
            return false
        }
    }

    /// Stops the agent if nobody has used it for so long; otherwise says how long to wait before asking again.
    func stop(ifIdleFor idle: Duration) -> Duration? {
        state.withLock {
            guard case .running = $0.phase else { return nil }
            let rest = idle - ($0.lastUse.duration(to: .now))
            guard $0.users == 0, rest <= .zero else { return max(rest, .milliseconds(100)) }
            end(&$0, gently: true)
            return nil
        }
    }

    /// Stops the agent now. It starts again when it is needed.
    func stop() { state.withLock { end(&$0, gently: true) } }

    /// Ends an agent that hangs.
    func kill() { state.withLock { end(&$0, gently: false) } }

    /// Stops the agent for good.
    func close() {
        state.withLock {
            end(&$0, gently: true)
            $0.phase = .closed
        }
    }

    // MARK: start and end

    private func start(_ state: inout State) throws {
        switch state.phase {
        case .closed: throw OpenPGPError(.unavailable, "the keyring \(home.path) is closed")
        case .running(_, _, let agent):
            if ChildProcess.isAlive(agent), access(home.socket, F_OK) == 0 { return }
            logger.warning("gpg-agent has ended unexpectedly; it is started again", metadata: ["home": "\(home.path)"])
            end(&state, gently: false)
        case .stopped: break
        }
        try reap()
        let (read, write) = try ChildProcess.pipe()
        let guardian: pid_t
        do {
            defer { Glibc.close(read) }
            guardian = try ChildProcess.spawn(["gpg-agent", "--homedir", home.path, "--daemon", "--", "cat"], input: read)
        } catch {
            Glibc.close(write)
            throw error
        }
        // gpg-agent listens before it starts `cat`, in tens of milliseconds; a loaded machine may need longer.
        for attempt in 0..<500 {
            if let socket = AgentSocket(path: home.socket) {
                let agent = socket.processID()
                socket.close()
                if let agent {
                    state.phase = .running(guardian: guardian, pipe: write, agent: agent)
                    state.starts += 1
                    state.lastUse = .now
                    logger.debug("gpg-agent started", metadata: ["home": "\(home.path)", "pid": "\(agent)"])
                    return
                }
            }
            var status: Int32 = 0
            if waitpid(guardian, &status, WNOHANG) == guardian {
                Glibc.close(write)
                throw OpenPGPError(
                    .keyring,
                    "gpg-agent did not start for \(home.path); to see why, run: gpg-agent --homedir \(home.path) --daemon -- true"
                )
            }
            usleep(attempt < 50 ? 2_000 : 20_000)
        }
        Glibc.close(write)
        Glibc.kill(guardian, SIGKILL)
        ChildProcess.wait(for: guardian)
        throw OpenPGPError(.unavailable, "gpg-agent did not answer for \(home.path) within ten seconds")
    }

    /// Ends an agent that an earlier process left, which would soon end anyway, in the middle of our work.
    private func reap() throws {
        guard let old = AgentSocket(path: home.socket) else {
            // A socket that nobody listens on is of no use to anybody.
            unlink(home.socket)
            return
        }
        let agent = old.processID()
        logger.notice("an agent was already running in this home; it is ended and ours is started", metadata: ["home": "\(home.path)"])
        old.kill()
        old.close()
        for _ in 0..<200 {
            if let agent, !ChildProcess.isAlive(agent) { break }
            usleep(10_000)
        }
        if let agent, ChildProcess.isAlive(agent) { Glibc.kill(agent, SIGKILL) }
        unlink(home.socket)
    }

    private func end(_ state: inout State, gently: Bool) {
        guard case .running(let guardian, let pipe, let agent) = state.phase else { return }
        state.phase = .stopped
        Glibc.kill(agent, gently ? SIGTERM : SIGKILL)
        // A stopped process takes no SIGTERM.
        if gently { Glibc.kill(agent, SIGCONT) }
        Glibc.close(pipe)
        ChildProcess.wait(for: guardian)
        for _ in 0..<200 {
            if !ChildProcess.isAlive(agent) { break }
            usleep(5_000)
        }
        if ChildProcess.isAlive(agent) { Glibc.kill(agent, SIGKILL) }
        unlink(home.socket)
        logger.debug("gpg-agent stopped", metadata: ["home": "\(home.path)"])
    }
}
