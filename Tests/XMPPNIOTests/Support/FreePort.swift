import NIOCore
import NIOPosix

/// A TCP port of 127.0.0.1 that was free a moment ago, and that nobody gets by chance: it lies below those that the kernel gives to
/// connections and to whoever asks for any (a Prosody lost its port to a test beside it).
func freePort() async throws -> Int {
    while true {
        let port = Int.random(in: 10_240..<32_000)
        guard let channel = try? await ServerBootstrap(group: NIOSingletons.posixEventLoopGroup).bind(host: "127.0.0.1", port: port).get()
        else { continue }
        try await channel.close()
        return port
    }
}
