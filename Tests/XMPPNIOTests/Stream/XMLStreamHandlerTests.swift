import NIOCore
import NIOEmbedded
import NIOSSL
import NIOTLS
import Testing
import XMPP

@testable import XMPPNIO

/// The handler over a channel without a network, up to the point where TLS needs a peer.
@Suite struct XMLStreamHandlerTests {
    private let header =
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' from='s.test' id='1'>"
    private let features = "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>"
    private let proceed = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"

    @Test func startsTLSAtProceed() async throws {
        let wire = try await Wire(.startTLS)
        #expect(wire.written().contains("to='s.test'"))
        try wire.receive(header + features)
        #expect(wire.written().hasPrefix("<starttls "))
        try wire.receive(proceed)
        // A handshake record: TLS is in front, and its first word is out.
        #expect(try wire.channel.readOutbound(as: ByteBuffer.self)?.readableBytesView.first == 0x16)
        #expect(wire.failure == nil)
        // What comes in the clear now is garbage to TLS, and reaches no parser.
        try wire.receive(features)
        #expect(wire.failure?.code == .tls)
        wire.finish()
    }

    @Test(
        "Bytes that were read behind <proceed/> are somebody else's (RFC 6120 § 5.4.3.3)",
        arguments: ["<stream:features/>", "<iq type='set' id='x'/>", " ", "x", "<", "</stream:stream>"]
    )
    func refusesInjection(bytes: String) async throws {
        let wire = try await Wire(.startTLS)
        try wire.receive(header + features)
        _ = wire.written()
        try wire.receive(proceed + bytes)
        #expect(wire.failure?.code == .protocol)
        #expect(!wire.channel.isActive)
        #expect(!wire.outputs.contains { if case .stanza = $0 { true } else { false } })
        wire.finish()
    }

    @Test func everyCutOfTheBytesIsTheSame() async throws {
        let text = header + features + proceed
        for cut in 1..<text.utf8.count {
            let wire = try await Wire(.startTLS)
            let bytes = Array(text.utf8)
            try wire.channel.writeInbound(ByteBuffer(bytes: bytes[..<cut]))
            try wire.channel.writeInbound(ByteBuffer(bytes: bytes[cut...]))
            #expect(wire.failure == nil)
            #expect((try? wire.channel.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)) != nil)
            wire.finish()
        }
    }

    @Test func withoutSTARTTLSNothingIsSent() async throws {
        let wire = try await Wire(.startTLS)
        _ = wire.written()
        try wire.receive(
            header
                + "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>"
        )
        #expect(wire.failure?.code == .tls)
        #expect(!wire.written().contains("auth"))
        wire.finish()
    }

    @Test func nobodyButTLSSaysThatItIsUp() async throws {
        let wire = try await Wire(.directTLS)
        wire.channel.pipeline.fireUserInboundEventTriggered(TLSUserEvent.handshakeCompleted(negotiatedProtocol: nil))
        #expect(wire.failure?.code == .tls)
        #expect(wire.written() == "")
        wire.finish()
    }

    @Test func directTLSSaysNothingInTheClear() async throws {
        let wire = try await Wire(.directTLS)
        try wire.receive(header + features)
        #expect(wire.written() == "")
        wire.finish()
    }

    @Test func refusesWhatIsNoXML() async throws {
        let wire = try await Wire(.startTLS)
        try wire.receive("HTTP/1.1 400 Bad Request\r\n\r\n")
        #expect(wire.failure?.code == .protocol)
        #expect(wire.written().hasSuffix("</stream:stream>"))
        wire.finish()
    }

    @Test func theLoginHasItsTime() async throws {
        let wire = try await Wire(.startTLS)
        wire.channel.embeddedEventLoop.advanceTime(by: .seconds(29))
        #expect(wire.failure == nil)
        wire.channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(wire.failure?.code == .network)
        #expect(wire.failure?.message.contains("too long") == true)
        #expect(!wire.channel.isActive)
        wire.finish()
    }

    @Test func closesWhileConnecting() async throws {
        let wire = try await Wire(.startTLS)
        wire.handler.close()
        #expect(wire.failure?.code == .stopped)
        #expect(!wire.channel.isActive)
        wire.finish()
    }

    @Test func aLostConnectionEndsOnce() async throws {
        let wire = try await Wire(.startTLS)
        wire.channel.pipeline.fireErrorCaught(IOError(errnoCode: 104, reason: "read"))
        wire.finish()
        #expect(wire.failure?.message.contains("Connection reset") == true)
        #expect(wire.outputs.count { if case .ended = $0 { true } else { false } } == 1)
    }

    @Test func backPressureHoldsTheNextRead() async throws {
        let wire = try await Wire(.startTLS)
        let before = wire.reads.count
        wire.channel.read()
        #expect(wire.reads.count == before + 1)
        wire.handler.setPaused(true)
        wire.channel.read()
        wire.channel.read()
        #expect(wire.reads.count == before + 1)
        wire.handler.setPaused(false)
        #expect(wire.reads.count == before + 2)
        wire.handler.setPaused(true)
        wire.handler.setPaused(false)
        #expect(wire.reads.count == before + 2)
        wire.finish()
    }
}

/// A handler on an embedded channel.
private final class Wire {
    let channel = EmbeddedChannel()
    let handler: XMLStreamHandler
    let reads = ReadCounter()
    private let record: Record

    private final class Record {
        var outputs: [XMLStreamHandler.Output] = []
    }

    final class ReadCounter: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        var count = 0

        func read(context: ChannelHandlerContext) {
            count += 1
            context.read()
        }
    }

    init(_ security: ClientStream.Security) async throws {
        let account = try #require(Address("bot@s.test"))
        let configuration = ClientStream.Configuration(account: account, password: Password("secret"), security: security)
        let tls = try await TLSClient.make(domain: "s.test", roots: .system, insecureSkipVerify: true, directTLS: false)
        let record = Record()
        self.record = record
        handler = XMLStreamHandler(
            stream: ClientStream(configuration) { count in [UInt8](repeating: 7, count: count) },
            security: security,
            tls: tls
        ) { record.outputs.append($0) }
        try channel.pipeline.syncOperations.addHandlers(reads, handler)
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
    }

    var outputs: [XMLStreamHandler.Output] { record.outputs }

    var failure: SessionFailure? {
        for case .ended(_, let failure) in outputs { return failure }
        return nil
    }

    func receive(_ text: String) throws {
        try channel.writeInbound(ByteBuffer(string: text))
    }

    /// What has been written since the last call.
    func written() -> String {
        var text = ""
        while let buffer = try? channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: buffer) }
        return text
    }

    func finish() {
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }
}
