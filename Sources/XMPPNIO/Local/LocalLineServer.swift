import CHost
import Glibc
public import Logging
public import NIOCore
public import NIOPosix

/// A server for lines of text on a Unix-domain socket: what the control socket stands on (R14).
///
/// The socket is made with mode 0600, and a peer must run as our own user or as root (SO_PEERCRED). Every line that comes is
/// answered with any number of lines before the next line of the same connection is looked at; connections run beside each other.
public struct LocalLineServer: Sendable {
    /// Who is at the other end, as the kernel says.
    public struct Peer: Hashable, Sendable {
        /// The effective user of the peer when it connected.
        public let user: UInt32
        /// The peer's process when it connected.
        public let process: Int32
    }

    /// What answers a line. The stream's lines go back in order; when the peer hangs up, the stream's consumer is cancelled.
    public typealias Responder = @Sendable (_ line: String, _ peer: Peer) async -> AsyncStream<String>

    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// Where it listens.
    public let path: String
    private let listener: NIOAsyncChannel<Connection, Never>
    private let identity: LocalSocketFile?
    private let logger: Logger

    /// Binds the socket and listens; connections wait until ``run(onLine:)``.
    ///
    /// A socket file that nobody listens on any more is replaced.
    /// - Throws: ``LocalSocketError`` (`.path`, `.busy`, `.denied`, `.system`).
    public static func bind(
        path: String,
        eventLoopGroup: any EventLoopGroup = NIOSingletons.posixEventLoopGroup,
        logger: Logger
    ) async throws -> LocalLineServer {
        try LocalSocketPath.validate(path)
        try LocalSocketFile.removeStale(path)
        let descriptor = try LocalSocketFile.listen(path)
        let identity = LocalSocketFile(path)
        let listener = try await ServerBootstrap(group: eventLoopGroup)
            .bind(descriptor) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        ByteToMessageHandler(LineDecoder(limit: LocalSocketPath.maximumLineLength))
                    )
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
        return LocalLineServer(path: path, listener: listener, identity: identity, logger: logger)
    }

    /// Serves until the task is cancelled, then closes what is open and removes the socket file.
    public func run(onLine respond: @escaping Responder) async {
        do {
            try await listener.executeThenClose { connections in
                await withDiscardingTaskGroup { group in
                    do {
                        for try await connection in connections {
                            group.addTask { await serve(connection, respond) }
                        }
                    } catch is CancellationError {
                    } catch {
                        logger.warning("the local socket stops listening", metadata: ["path": "\(path)", "error": "\(error)"])
                    }
                    group.cancelAll()
                }
            }
        } catch is CancellationError {
        } catch {
            logger.debug("closing the local socket failed", metadata: ["path": "\(path)", "error": "\(error)"])
        }
        // Only our own file: another process may have taken the place since.
        if let identity, LocalSocketFile(path) == identity { unlink(path) }
    }

    private func serve(_ connection: Connection, _ respond: @escaping Responder) async {
        do {
            let peer = try await Self.peer(of: connection.channel)
            try await connection.executeThenClose { lines, output in
                guard peer.user == geteuid() || peer.user == 0 else {
                    logger.warning("refused a local connection of another user", metadata: ["path": "\(path)", "user": "\(peer.user)"])
                    return
                }
                // A peer that hangs up ends the answer that is under way, even one that has nothing to say for hours.
                try await withThrowingTaskGroup(of: Void.self) { group in
                    let (queue, feed) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(Self.pipelined))
                    group.addTask {
                        for await line in queue {
                            for await answer in await respond(line, peer) {
                                guard answer.utf8.count <= LocalSocketPath.maximumLineLength, !answer.utf8.contains(UInt8(ascii: "\n"))
                                else {
                                    throw LocalSocketError(.tooLong, "an answer is too long for one line")
                                }
                                var buffer = connection.channel.allocator.buffer(capacity: answer.utf8.count + 1)
                                buffer.writeString(answer)
                                buffer.writeInteger(UInt8(ascii: "\n"))
                                try await output.write(buffer)
                            }
                        }
                    }
                    group.addTask {
                        defer { feed.finish() }
                        for try await line in lines {
                            guard case .enqueued = feed.yield(String(buffer: line)) else {
                                throw LocalSocketError(.tooLong, "too many lines at once came over the local socket")
                            }
                        }
                        throw CancellationError()
                    }
                    defer { group.cancelAll() }
                    try await group.next()
                }
            }
        } catch is CancellationError {
        } catch {
            logger.debug("a local connection ended", metadata: ["path": "\(path)", "error": "\(error)"])
        }
    }

    /// Lines that a peer may send ahead of the answers.
    private static let pipelined = 64

    private static func peer(of channel: any Channel) async throws -> Peer {
        guard let options = channel as? any SocketOptionProvider else {
            throw LocalSocketError(.system, "the local socket can't tell who its peer is")
        }
        let peer: oxbow_peer = try await options.unsafeGetSocketOption(level: .socket, name: .init(rawValue: SO_PEERCRED)).get()
        return Peer(user: peer.uid, process: peer.pid)
    }
}
