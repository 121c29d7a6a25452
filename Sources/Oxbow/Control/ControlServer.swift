public import Logging
import XMPPNIO

/// The control socket of a running Oxbow: `STATE/control`, mode 0600, for processes of our own user and of root (R14).
public struct ControlServer: Sendable {
    private let server: LocalLineServer
    private let responder: ControlResponder

    /// Binds the socket; requests wait until ``run()``. The state directory must be ours: see ``StateLock``.
    ///
    /// - Throws: ``ControlError`` if the socket can't be made.
    public static func bind(path: String, runtime: any Controllable, logger: Logger) async throws -> ControlServer {
        do {
            let server = try await LocalLineServer.bind(path: path, logger: logger)
            return ControlServer(server: server, responder: ControlResponder(runtime: runtime))
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
