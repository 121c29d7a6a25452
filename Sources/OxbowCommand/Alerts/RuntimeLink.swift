import Logging
import Oxbow
import Synchronization

/// What the desk works with once there is something: handlers of the runtime know the desk, so the desk is there first.
final class RuntimeLink: Sendable {
    private struct State {
        var runtime: (any ServingRuntime)?
        var logger: Logger?
    }
    private let state = Mutex(State())

    /// The runtime begins.
    func connect(_ runtime: any ServingRuntime, logger: Logger) {
        state.withLock { $0 = State(runtime: runtime, logger: logger) }
    }

    /// The runtime is over; whoever asks for it from now on fails.
    func disconnect() {
        state.withLock { $0 = State() }
    }

    /// The runtime.
    ///
    /// - Throws: `ControlError` when nothing runs.
    func runtime() throws -> any ServingRuntime {
        guard let runtime = state.withLock(\.runtime) else { throw ControlError(.offline, "Oxbow isn't running yet") }
        return runtime
    }

    var logger: Logger? { state.withLock(\.logger) }
}
