import NIOCore
import NIOPosix
import Synchronization

/// A TCP proxy on loopback that can cut its connections, and let them freeze.
final class FaultProxy: Sendable {
    private struct State {
        var pairs: [any Channel] = []
        var isFrozen = false
        var accepted = 0
    }

    let port: Int
    private let listener: any Channel
    private let state: Mutex<State>

    static func start(to target: Int, group: any EventLoopGroup = NIOSingletons.posixEventLoopGroup) async throws -> FaultProxy {
        let loop = group.any()
        let box = Box()
        let listener = try await ServerBootstrap(group: loop)
            .childChannelInitializer { client in
                ClientBootstrap(group: loop).connect(host: "127.0.0.1", port: target).flatMapThrowing { server in
                    try client.pipeline.syncOperations.addHandler(Forwarder(server))
                    try server.pipeline.syncOperations.addHandler(Forwarder(client))
                    box.proxy.withLock { $0 }?.accept(client, server)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let proxy = FaultProxy(listener)
        box.proxy.withLock { $0 = proxy }
        return proxy
    }

    private init(_ listener: any Channel) {
        self.listener = listener
        port = listener.localAddress?.port ?? 0
        state = Mutex(State())
    }

    /// How many connections there have been.
    var accepted: Int { state.withLock { $0.accepted } }

    /// Cuts all connections, as a cable would.
    func cut() async {
        let channels = state.withLock { state in
            defer { state.pairs = [] }
            return state.pairs
        }
        for channel in channels { try? await channel.close() }
    }

    /// Lets nothing pass any more, though the connections stay.
    func freeze() async throws {
        let channels = state.withLock { state in
            state.isFrozen = true
            return state.pairs
        }
        for channel in channels { try await channel.setOption(.autoRead, value: false).get() }
    }

    /// New connections work again.
    func thaw() {
        state.withLock { $0.isFrozen = false }
    }

    func stop() async {
        try? await listener.close()
        await cut()
    }

    private func accept(_ one: any Channel, _ other: any Channel) {
        let frozen = state.withLock { state in
            state.pairs += [one, other]
            state.accepted += 1
            return state.isFrozen
        }
        guard frozen else { return }
        for channel in [one, other] {
            channel.setOption(.autoRead, value: false).whenFailure { _ in channel.close(promise: nil) }
        }
    }

    private final class Box: Sendable {
        let proxy = Mutex<FaultProxy?>(nil)
    }

    private final class Forwarder: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let other: any Channel

        init(_ other: any Channel) {
            self.other = other
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            other.writeAndFlush(Self.unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            other.close(promise: nil)
        }
    }
}
