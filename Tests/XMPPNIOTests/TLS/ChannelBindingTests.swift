import Crypto
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Subprocess
import Testing
import XMPP

@testable import XMPPNIO

/// The bindings as OpenSSL sees the other end of the same connection.
@Suite(.timeLimit(.minutes(1))) struct ChannelBindingTests {
    @Test("RFC 9266 in both sizes of hash function", arguments: ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"])
    func exporter(suite: String) async throws {
        let (bindings, exported, fingerprint) = try await connect(["-tls1_3", "-ciphersuites", suite])
        #expect(bindings.map(\.kind) == [.exporter, .serverEndPoint])
        #expect(bindings.first?.bytes == exported)
        #expect(bindings.last?.bytes == fingerprint)
    }

    @Test func beforeTLS13OnlyTheCertificate() async throws {
        let (bindings, _, fingerprint) = try await connect(["-tls1_2"])
        #expect(bindings == [ChannelBinding(.serverEndPoint, fingerprint)])
    }

    @Test func keepsNothingButTheExporterSecret() {
        let secret = ExporterSecret()
        secret.receive(ByteBuffer(string: "CLIENT_TRAFFIC_SECRET_0 00 \(String(repeating: "ab", count: 32))\n"))
        #expect(secret.takeBinding() == nil)
        secret.receive(ByteBuffer(string: "EXPORTER_SECRET 00 \(String(repeating: "ab", count: 31))zz\n"))
        #expect(secret.takeBinding() == nil)
        secret.receive(ByteBuffer(string: "EXPORTER_SECRET 00 \(String(repeating: "AB", count: 32))"))
        #expect(secret.takeBinding()?.count == 32)
        #expect(secret.takeBinding() == nil)
    }

    /// Our bindings, what openssl exported, and the certificate's SHA-256.
    private func connect(_ options: [String]) async throws -> ([ChannelBinding], [UInt8], [UInt8]) {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let authority = try await TestAuthority(in: folder)
        try await authority.issue("s", names: "DNS:s.test")
        let port = try await freePort()
        let arguments =
            ["s_server", "-accept", "127.0.0.1:\(port)", "-naccept", "1", "-cert", "\(folder.path)/s.crt", "-key", "\(folder.path)/s.key"]
            + ["-keymatexport", "EXPORTER-Channel-Binding", "-keymatexportlen", "32"] + options
        let result = try await Subprocess.run(
            .name("openssl"),
            arguments: Arguments(arguments),
            input: .inputWriter,
            output: .sequence,
            error: .combinedWithOutput
        ) { execution -> ([ChannelBinding], [UInt8]) in
            var bindings: [ChannelBinding] = []
            var exported: [UInt8] = []
            for try await line in execution.standardOutput.strings() {
                if line.hasPrefix("ACCEPT") {
                    let tls = try await TLSClient.make(
                        domain: "s.test",
                        roots: .file(authority.certificate),
                        insecureSkipVerify: false,
                        directTLS: false
                    )
                    bindings = try await Self.bindings(tls, port)
                } else if line.contains("Keying material: "), let digits = line.split(separator: " ").last {
                    exported = Self.bytes(digits)
                }
            }
            try await execution.standardInputWriter.finish()
            return (bindings, exported)
        }
        let print = try await Tool.run("openssl", ["x509", "-in", "s.crt", "-noout", "-fingerprint", "-sha256"], in: folder.path)
        let fingerprint = Self.bytes(print.split(separator: "=").last?.filter(\.isHexDigit) ?? "")
        return (result.closureResult.0, result.closureResult.1, fingerprint)
    }

    private static func bindings(_ tls: TLSClient, _ port: Int) async throws -> [ChannelBinding] {
        let loop = NIOSingletons.posixEventLoopGroup.any()
        let promise = loop.makePromise(of: [ChannelBinding].self)
        let channel = try await ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(tls.makeHandler(), Waiter(tls, promise))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        let bindings = try await promise.futureResult.get()
        try await channel.close()
        return bindings
    }

    private static func bytes(_ digits: some StringProtocol) -> [UInt8] {
        let digits = digits.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    private final class Waiter: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let tls: TLSClient
        private let promise: EventLoopPromise<[ChannelBinding]>

        init(_ tls: TLSClient, _ promise: EventLoopPromise<[ChannelBinding]>) {
            self.tls = tls
            self.promise = promise
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            guard case .handshakeCompleted? = event as? TLSUserEvent else { return }
            promise.completeWith(Result { tls.bindings(try context.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)) })
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            promise.fail(error)
        }
    }
}
