import NIOCore
import NIOPosix

/// A TCP port of 127.0.0.1 that was free a moment ago.
func freePort() async throws -> Int {
    let channel = try await ServerBootstrap(group: NIOSingletons.posixEventLoopGroup).bind(host: "127.0.0.1", port: 0).get()
    let port = channel.localAddress?.port ?? 0
    try await channel.close()
    return port
}
