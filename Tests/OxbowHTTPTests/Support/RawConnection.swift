import Glibc
import NIOCore
import NIOPosix
import OxbowHTTP

/// A connection that sends exactly what it is told, byte by byte.
struct RawConnection {
    /// What came back.
    struct Answer: Equatable {
        var status: Int
        var headers: [String: String]
        var body: String

        subscript(name: String) -> String? { headers[name] }
    }
    struct Closed: Error {}

    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private let channel: any Channel
    private var buffer: [UInt8] = []

    /// Connects, and closes at the end.
    static func open<R>(_ address: ListenAddress, _ body: (inout RawConnection) async throws -> R) async throws -> R {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).channelOption(.allowRemoteHalfClosure, value: true)
        let target: SocketAddress =
            switch address {
            case .tcp(let host, let port): try SocketAddress(ipAddress: host, port: port)
            case .unix(let path): try SocketAddress(unixDomainSocketPath: path)
            }
        let channel = try await bootstrap.connect(to: target) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                    wrappingChannelSynchronously: channel,
                    configuration: .init(isOutboundHalfClosureEnabled: true)
                )
            }
        }
        return try await channel.executeThenClose { inbound, outbound in
            var connection = RawConnection(inbound: inbound.makeAsyncIterator(), outbound: outbound, channel: channel.channel)
            return try await body(&connection)
        }
    }

    /// Sends.
    func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }

    /// Says that no more is sent.
    func finish() { outbound.finish() }

    /// Closes at once, with a reset.
    func reset() async throws {
        guard let options = channel as? any SocketOptionProvider else { throw Closed() }
        try await options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        try await channel.close()
    }

    /// The next answer. `isHead` for one to a `HEAD`, which has no body.
    mutating func answer(isHead: Bool = false) async throws -> Answer {
        let separator = Array("\r\n\r\n".utf8)
        var end = buffer.firstRange(of: separator)
        while end == nil {
            guard try await more() else { throw Closed() }
            end = buffer.firstRange(of: separator)
        }
        guard let end else { throw Closed() }
        let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        buffer.removeSubrange(..<end.upperBound)
        let status = lines.first.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let pair = line.split(separator: ":", maxSplits: 1)
            let name = pair[0].lowercased()
            let value = pair.count == 2 ? String(pair[1].drop { $0 == " " }) : ""
            headers[name] = headers[name].map { $0 + "\n" + value } ?? value
        }
        let length = isHead || status < 200 ? 0 : headers["content-length"].flatMap { Int($0) } ?? 0
        while buffer.count < length { guard try await more() else { throw Closed() } }
        let body = String(decoding: buffer.prefix(length), as: UTF8.self)
        buffer.removeFirst(length)
        return Answer(status: status, headers: headers, body: body)
    }

    /// Everything until the other side sends no more.
    mutating func rest() async throws -> String {
        do { while try await more() {} } catch is IOError {}
        defer { buffer = [] }
        return String(decoding: buffer, as: UTF8.self)
    }

    private mutating func more() async throws -> Bool {
        guard let bytes = try await inbound.next(isolation: #isolation) else { return false }
        buffer.append(contentsOf: bytes.readableBytesView)
        return true
    }
}
