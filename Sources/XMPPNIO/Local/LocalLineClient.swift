public import NIOCore
public import NIOPosix

/// A connection to a ``LocalLineServer``.
public enum LocalLineClient {
    /// The lines that the server sends; it ends when the server closes. One consumer.
    public struct Lines: AsyncSequence {
        /// A line without its line feed.
        public typealias Element = String
        /// Anything that the connection fails with.
        public typealias Failure = any Error
        fileprivate let inbound: NIOAsyncChannelInboundStream<ByteBuffer>

        /// Starts reading.
        public func makeAsyncIterator() -> Iterator { Iterator(inbound: inbound.makeAsyncIterator()) }

        /// Reads line by line.
        public struct Iterator: AsyncIteratorProtocol {
            fileprivate var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator

            /// The next line; `nil` when the server has closed.
            public mutating func next() async throws -> String? {
                try await next(isolation: #isolation)
            }

            /// The next line; `nil` when the server has closed.
            public mutating func next(isolation actor: isolated (any Actor)?) async throws -> String? {
                try await inbound.next(isolation: actor).map { String(buffer: $0) }
            }
        }
    }

    /// Where lines are written to.
    public struct Output: Sendable {
        fileprivate let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

        /// Sends a line; it must contain no line feed.
        ///
        /// - Throws: ``LocalSocketError`` (`.tooLong`), or what the connection fails with.
        public func send(_ line: String) async throws {
            guard line.utf8.count <= LocalSocketPath.maximumLineLength, !line.utf8.contains(UInt8(ascii: "\n")) else {
                throw LocalSocketError(.tooLong, "a line over the local socket may have \(LocalSocketPath.maximumLineLength) bytes")
            }
            var buffer = ByteBufferAllocator().buffer(capacity: line.utf8.count + 1)
            buffer.writeString(line)
            buffer.writeInteger(UInt8(ascii: "\n"))
            try await outbound.write(buffer)
        }
    }

    /// Connects to the socket at `path`, runs `body`, and closes.
    ///
    /// The server answers each line with as many lines as the protocol says; keep the connection until the last has come (closing
    /// one direction only is taken as hanging up).
    /// - Throws: ``LocalSocketError`` (`.path`, `.absent`, `.denied`, `.system`), or what `body` throws.
    public static func connect<Result: Sendable>(
        _ path: String,
        eventLoopGroup: any EventLoopGroup = NIOSingletons.posixEventLoopGroup,
        _ body: (Lines, Output) async throws -> Result
    ) async throws -> Result {
        try LocalSocketPath.validate(path)
        let connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        do {
            connection = try await ClientBootstrap(group: eventLoopGroup).connect(unixDomainSocketPath: path) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        ByteToMessageHandler(LineDecoder(limit: LocalSocketPath.maximumLineLength))
                    )
                    return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                }
            }
        } catch let error as IOError {
            throw LocalSocketFile.failure("can't connect to", path, error.errnoCode)
        }
        return try await connection.executeThenClose { inbound, outbound in
            try await body(Lines(inbound: inbound), Output(outbound: outbound))
        }
    }
}
