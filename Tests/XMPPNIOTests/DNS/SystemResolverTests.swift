import Foundation
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
        // In place of a name server that doesn't answer: ends when the other end is closed.
        let silence = Pipe()
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let lookup = Task {
            try await SystemResolver.shared.run("nothing") {
                begin.finish()
                return try silence.fileHandleForReading.readToEnd()
            }
        }
        for await _ in begun {}
        lookup.cancel()
        await #expect(throws: CancellationError.self) { try await lookup.value }
        try silence.fileHandleForWriting.close()
    }

    @Test func looksNothingUpWhenCancelledBefore() async throws {
        let (turn, give) = AsyncStream.makeStream(of: Void.self)
        let lookup = Task {
            for await _ in turn {}
            return try await SystemResolver.shared.addresses(of: "localhost", port: 5222)
        }
        lookup.cancel()
        give.finish()
        await #expect(throws: CancellationError.self) { try await lookup.value }
    }
}
