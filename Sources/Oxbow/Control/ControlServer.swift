public import Logging
import XMPPNIO

/// The control socket of a running Oxbow: `STATE/control`, mode 0600, for processes of our own user and of root (R14).
public struct ControlServer: Sendable {
    /// What another part of the process has to tell, as JSON. Called for each request.
    public typealias Report = @Sendable () async throws -> String

    private let server: LocalLineServer
    private let responder: ControlResponder

    /// Binds the socket; requests wait until ``run()``. The state directory must be ours: see ``StateLock``.
    ///
    /// - Parameter reports: What can be asked for by name besides what the runtime answers: see ``ControlClient/report(_:)``.
    /// - Throws: ``ControlError`` if the socket can't be made.
    public static func bind(
        path: String,
        runtime: any Controllable,
        reports: [String: Report] = [:],
        logger: Logger
    ) async throws -> ControlServer {
        do {
            let server = try await LocalLineServer.bind(path: path, logger: logger)
            return ControlServer(server: server, responder: ControlResponder(runtime: runtime, reports: reports))
        } catch let error as LocalSocketError {
            throw ControlError(.failed, error.message)
        }
    }

    /// Answers requests until the task is cancelled, then removes the socket.
    public func run() async {
        let responder = self.responder
        await server.run { line, _ in
            let answer = await responder.answer(line)
            return AsyncStream { continuation in
                continuation.yield(answer)
                continuation.finish()
            }
        }
    }
}
