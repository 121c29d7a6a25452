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

    @Test("What BoringSSL says of a port that doesn't speak TLS is told in words, not by its number") func noTLS() async throws {
        struct Words: Error, CustomStringConvertible {
            let description =
                "handshakeFailed(NIOSSL.BoringSSLError.sslError([Error: 268435703 error:100000f7:SSL "
                + "routines:OPENSSL_internal:WRONG_VERSION_NUMBER at /src/ssl/tls_record.cc:127]))"
        }
        let tls = try await TLSClient.make(domain: "example.org", roots: .system, insecureSkipVerify: true, directTLS: true)
        #expect(
            tls.failure(Words(), nil).message
                == "The TLS handshake with the server of example.org failed: what answers there doesn't speak TLS; direct TLS and STARTTLS have "
                + "different ports."
        )
    }
}
