import Logging
import Oxbow

extension Tool {
    /// Runs `body` against the daemon that owns the state directory, else against a runtime of our own that holds its lock (R14).
    ///
    /// A lock without a control socket behind it belongs to a command like this one, or to a daemon that is just starting: it is waited for
    /// until `patience` is over.
    func withControl<Result: Sendable>(
        _ purpose: Launch.Purpose,
        in settings: Settings,
        patience: Duration = .seconds(30),
        _ body: @escaping @Sendable (any Controllable) async throws -> Result
    ) async throws -> Result {
        let launch = Launch(
            purpose: purpose,
            settings: settings,
            modules: modules,
            environment: environment,
            logger: quietLogger(settings)
        )
        let deadline = ContinuousClock.now + patience
        while true {
            switch try claim(settings.state) {
            case .ours(let lock):
                defer { withExtendedLifetime(lock) {} }
                return try await runAlone(launch, body)
            case .theirs(let refusal):
                do {
                    return try await body(ControlClient(path: settings.controlSocket))
                } catch let error as ControlError where error.code == .absent {
                    guard refusal.code == .owned else { throw Failure(.failed, "oxbow: \(refusal.message)") }
                    guard ContinuousClock.now < deadline else { throw Failure(.failed, "oxbow: \(refusal.message); it doesn't answer") }
                    try await Task.sleep(for: .milliseconds(100))
                } catch {
                    throw Failure(error)
                }
            }
        }
    }

    /// Who has the state directory.
    private enum Claim {
        case ours(StateLock)
        case theirs(StateLockError)
    }

    private func claim(_ directory: String) throws -> Claim {
        do throws(StateLockError) {
            return .ours(try StateLock.take(directory))
        } catch {
            // Root may ask a daemon that runs as somebody else, but not work in its directory.
            guard error.code == .owned || error.code == .foreign else { throw Failure(.failed, "oxbow: \(error.message)") }
            return .theirs(error)
        }
    }

    /// Runs a runtime for as long as `body` needs it, and lets it close what it has opened.
    private func runAlone<Result: Sendable>(
        _ launch: Launch,
        _ body: @escaping @Sendable (any Controllable) async throws -> Result
    ) async throws -> Result {
        do {
            let runtime = try await launcher(launch)
            return try await withThrowingTaskGroup(of: Result?.self) { group in
                group.addTask {
                    try await runtime.run()
                    return nil
                }
                group.addTask { try await body(runtime) }
                while let finished = try await group.next() {
                    guard let result = finished else { continue }
                    group.cancelAll()
                    // Its end, in whatever way, changes nothing about the result.
                    while let _ = await group.nextResult() {}
                    return result
                }
                throw CancellationError()
            }
        } catch {
            throw Failure(error)
        }
    }
}
