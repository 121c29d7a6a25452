import Glibc
import NIOCore
import Testing
import XMPP

@testable import XMPPNIO

struct TLSClientTests {
    @Test("A line that breaks in the handshake is the line's failure, in words") func brokenLine() async throws {
        let tls = try await TLSClient.make(domain: "example.org", roots: .system, insecureSkipVerify: true, directTLS: false)
        let failure = tls.failure(IOError(errnoCode: ECONNRESET, reason: "read(descriptor:pointer:size:)"), nil)
        #expect(failure.code == .network)
        #expect(failure.message == "The connection to the server of example.org broke in the TLS handshake: Connection reset by peer.")
    }
}
