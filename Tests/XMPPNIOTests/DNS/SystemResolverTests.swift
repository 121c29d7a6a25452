import NIOCore
import Testing

@testable import XMPPNIO

/// What the system's resolver knows without a network.
@Suite struct SystemResolverTests {
    @Test func resolvesTheLocalHost() async throws {
        let addresses = try await SystemResolver.shared.addresses(of: "localhost", port: 5222)
        #expect(!addresses.isEmpty)
        #expect(addresses.allSatisfy { $0.port == 5222 && ["127.0.0.1", "::1"].contains($0.ipAddress) })
    }

    @Test func stopsWaitingWhenCancelled() async throws {
        let lookup = Task { try await SystemResolver.shared.services("_xmpp-client._tcp.invalid") }
        lookup.cancel()
        let result = await lookup.result
        #expect(throws: (any Error).self) { try result.get() }
    }
}
