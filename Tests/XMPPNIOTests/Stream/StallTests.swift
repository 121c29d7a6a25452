import NIOCore
import NIOEmbedded
import NIOSSL
import Testing
import XML
import XMPP

@testable import XMPPNIO

/// A line that has died without a word, by a clock that the test moves: half-open TCP is noticed, and the session is kept for the next
/// connection. TLS is real, the server is written by hand.
@Suite struct StallTests {
    @Test("An idle line is asked after 90 seconds; without an answer in 30 more it is dropped, and the session can be resumed")
    func idle() async throws {
        try await Dialogue.run { dialogue in
            try dialogue.logIn()
            try dialogue.pass(.seconds(89))
            #expect(try dialogue.heard() == "")
            try dialogue.pass(.seconds(1))
            #expect(try dialogue.heard() == Self.question)
            try dialogue.say("<a xmlns='urn:xmpp:sm:3' h='0'/>")
            try dialogue.pass(.seconds(90))
            #expect(try dialogue.heard() == Self.question)
            try dialogue.pass(.seconds(29))
            #expect(dialogue.ending == nil)
            try dialogue.pass(.seconds(2))
            let ending = try #require(dialogue.ending)
            #expect(ending.failure.code == .network && ending.failure.message.contains("stopped answering"))
            #expect(ending.end.resumption != nil)
            #expect(!dialogue.isConnected)
        }
    }

    @Test("R12: a stanza that nobody answers for 30 seconds drops the line; the next connection resumes the session and brings it again")
    func unanswered() async throws {
        try await Dialogue.run { dialogue in
            try dialogue.logIn()
            dialogue.send("m1", token: 1)
            let written = try dialogue.heard()
            #expect(written.contains("id='m1'") && written.hasSuffix(Self.question))
            // Minutes of a stall in which something else arrives are no death.
            for _ in 0..<10 {
                try dialogue.pass(.seconds(25))
                try dialogue.say("<message from='juliet@s.test' type='headline'/>")
            }
            #expect(dialogue.ending == nil)
            dialogue.send("m2", token: 2)
            try dialogue.pass(.seconds(29))
            #expect(dialogue.ending == nil)
            try dialogue.pass(.seconds(2))
            let ending = try #require(dialogue.ending)
            #expect(ending.failure.message.contains("stopped answering"))
            let session = try #require(ending.end.resumption)

            try dialogue.reconnect(resuming: session)
            try dialogue.authenticate()
            let resume = try dialogue.heard()
            #expect(resume.hasPrefix("<resume ") && resume.contains("previd='s1'") && resume.contains("h='0'"), "\(resume)")
            // The server had got the first.
            try dialogue.say("<resumed xmlns='urn:xmpp:sm:3' previd='s1' h='1'/>")
            #expect(dialogue.acknowledged == [1])
            let again = try dialogue.heard()
            #expect(again.contains("id='m2'") && !again.contains("id='m1'") && again.hasSuffix(Self.question))
            try dialogue.say("<a xmlns='urn:xmpp:sm:3' h='2'/>")
            #expect(dialogue.acknowledged == [1, 2])
            #expect(dialogue.ending == nil)
        }
    }

    @Test("An answer that comes behind something else in the same read is an answer: the idle line behind it stays")
    func answeredInOneRead() async throws {
        try await Dialogue.run { dialogue in
            try dialogue.logIn()
            dialogue.send("m1", token: 1)
            _ = try dialogue.heard()
            try dialogue.say("<message from='juliet@s.test' type='headline'/><a xmlns='urn:xmpp:sm:3' h='1'/>")
            #expect(dialogue.acknowledged == [1])
            try dialogue.pass(.seconds(80))
            #expect(dialogue.ending == nil)
            #expect(try dialogue.heard() == "")
            try dialogue.pass(.seconds(10))
            #expect(try dialogue.heard() == Self.question)
        }
    }

    @Test("Acknowledgements that never come, on a line that is dead otherwise too, while we don't read: our own back-pressure is no death")
    func paused() async throws {
        try await Dialogue.run { dialogue in
            try dialogue.logIn()
            dialogue.send("m1", token: 1)
            dialogue.pause(true)
            try dialogue.pass(.seconds(600))
            #expect(dialogue.ending == nil)
            dialogue.pause(false)
            try dialogue.pass(.seconds(200))
            #expect(dialogue.ending?.failure.code == .network)
        }
    }

    private static let question = "<r xmlns='urn:xmpp:sm:3'/>"
}

/// A handler behind real TLS, and the server's side of it; both on one loop whose clock stands still.
private final class Dialogue {
    private final class Record {
        var outputs: [XMLStreamHandler.Output] = []
    }
    private let context: NIOSSLContext
    private let client: TLSClient
    private let loop = EmbeddedEventLoop()
    private var near = EmbeddedChannel()
    private var far = EmbeddedChannel()
    private var handler: XMLStreamHandler?
    private var record = Record()
    private let account: Address

    /// Runs a body over a connection whose handshake is done.
    static func run(_ body: (Dialogue) throws -> Void) async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let authority = try await TestAuthority(in: folder)
        try await authority.issue("s", names: "DNS:s.test")
        let client = try await TLSClient.make(
            domain: "s.test",
            roots: .file(authority.certificate),
            insecureSkipVerify: false,
            directTLS: true
        )
        let chain = try NIOSSLCertificate.fromPEMFile("\(folder.path)/s.crt").map { NIOSSLCertificateSource.certificate($0) }
        let key = try NIOSSLPrivateKey(file: "\(folder.path)/s.key", format: .pem)
        let configuration = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key))
        let dialogue = Dialogue(try NIOSSLContext(configuration: configuration), client, try #require(Address("bot@s.test")))
        try dialogue.reconnect(resuming: nil)
        try body(dialogue)
        dialogue.finish()
    }

    private init(_ context: NIOSSLContext, _ client: TLSClient, _ account: Address) {
        (self.context, self.client, self.account) = (context, client, account)
    }

    /// A new connection.
    func reconnect(resuming session: StreamManagement?) throws {
        finish()
        let record = Record()
        self.record = record
        var timing = XMLStreamHandler.Timing()
        timing.link = LinkMonitor.Limits(silence: .seconds(90), answer: .seconds(30))
        let stream = ClientStream(
            ClientStream.Configuration(
                account: account,
                password: Password("secret"),
                security: .directTLS,
                allowPlain: true,
                resumption: session
            )
        ) { [UInt8](repeating: 7, count: $0) }
        let handler = XMLStreamHandler(stream: stream, security: .directTLS, tls: client, timing: timing) { record.outputs.append($0) }
        self.handler = handler
        near = EmbeddedChannel(loop: loop)
        far = EmbeddedChannel(loop: loop)
        try far.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
        try near.pipeline.syncOperations.addHandlers(client.makeHandler(), handler)
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: 1)
        far.connect(to: address, promise: nil)
        near.connect(to: address, promise: nil)
        try pump()
    }

    /// Carries bytes both ways until there are none.
    private func pump() throws {
        var isMoving = true
        while isMoving {
            isMoving = false
            while let bytes = try near.readOutbound(as: ByteBuffer.self) {
                isMoving = true
                if far.isActive { try far.writeInbound(bytes) }
            }
            while let bytes = try far.readOutbound(as: ByteBuffer.self) {
                isMoving = true
                if near.isActive { try near.writeInbound(bytes) }
            }
        }
    }

    /// What the server has got since the last call.
    func heard() throws -> String {
        try pump()
        var text = ""
        while let buffer = try far.readInbound(as: ByteBuffer.self) { text += String(buffer: buffer) }
        return text
    }

    /// The server says something.
    func say(_ text: String) throws {
        far.writeAndFlush(ByteBuffer(string: text), promise: nil)
        try pump()
    }

    func pass(_ time: TimeAmount) throws {
        loop.advanceTime(by: time)
        try pump()
    }

    func send(_ id: String, token: StreamManagement.Token) {
        handler?.report(.send(Element("message", Namespace.client, ["id": id, "to": "juliet@s.test"]), token: token))
    }

    func pause(_ isPaused: Bool) { handler?.setPaused(isPaused) }

    private static let header =
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' from='s.test' id='1'>"

    private func offer(_ features: String) throws {
        _ = try heard()
        try say(Self.header + "<stream:features>\(features)</stream:features>")
    }

    /// To the features behind the login.
    func authenticate() throws {
        try offer("<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>")
        #expect(try heard().contains("mechanism='PLAIN'"))
        try say("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
        try offer("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/>")
    }

    func logIn() throws {
        try authenticate()
        let request = try heard()
        let id = try #require(request.firstMatch(of: /id='(bind-[0-9a-f]+)'/)?.1, "\(request)")
        let jid = "<jid>bot@s.test/x</jid>"
        try say("<iq type='result' id='\(id)'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\(jid)</bind></iq>")
        _ = try heard()
        try say("<enabled xmlns='urn:xmpp:sm:3' id='s1' resume='true'/>")
    }

    var isConnected: Bool { near.isActive }

    var ending: (end: ClientStream.End, failure: SessionFailure)? {
        for case .ended(let end, let failure) in record.outputs { return (end, failure) }
        return nil
    }

    var acknowledged: [StreamManagement.Token] {
        record.outputs.flatMap { output -> [StreamManagement.Token] in
            if case .acknowledged(let tokens) = output { tokens } else { [] }
        }
    }

    private func finish() {
        // EmbeddedChannel's own finish would wait for TLS to be closed in order, with a clock that stands still.
        near.close(promise: nil)
        far.close(promise: nil)
        loop.advanceTime(by: .seconds(10))
    }
}
