import NIOCore
import Synchronization
import Testing
import XML
import XMPP

@testable import XMPPNIO

/// Sessions against a real Prosody.
@Suite(.serialized, .prosody, .timeLimit(.minutes(1))) struct ClientSessionTests {
    private func sealed(_ id: String, to: String) throws -> OutboundStanza {
        .sealed(SealedMessage(id: id, to: try #require(Address(to)), envelope: .openPGP(base64: "AAAA")))
    }

    @Test(arguments: [ClientSession.Configuration.Security.startTLS, .directTLS])
    func logsIn(security: ClientSession.Configuration.Security) async throws {
        let prosody = try WithProsody.prosody
        let port = security == .directTLS ? prosody.directTLSPort : prosody.startTLSPort
        try await LiveSession.run("bot@good.test/here", port: port, configure: { $0.security = security }) { live in
            let online = try await live.online()
            #expect(online.address == Address("bot@good.test/here"))
            #expect(!online.resumed)
            #expect(try await live.session.request(Ping.request()) == nil)
            try await live.session.send(.presence(Presence(.available)), until: .acknowledged)
        }
        #expect(prosody.log.contains("mechanism='SCRAM-SHA-256'"))
    }

    @Test("R13: -PLUS with a listed type, as LuaSec sees the same connection", arguments: ["exporter.test", "endpoint.test"])
    func bindsToTheChannel(host: String) async throws {
        let memory = TestMemory()
        let account = try #require(Address("bot@\(host)"))
        try await LiveSession.run("bot@\(host)", memory: memory) { live in
            _ = try await live.online()
            _ = try await live.session.request(Ping.request())
        }
        #expect(try await memory.loginPins(of: account) == LoginPins(scram: true, channelBinding: true))
    }

    @Test("R13: -PLUS without a list, and none that we speak, ends in SCRAM without a binding")
    func unlistedBinding() async throws {
        try await LiveSession.run("bot@unlisted.test") { live in
            _ = try await live.online()
        }
    }

    @Test(
        "R13: the certificate is checked for the account's domain",
        arguments: [
            ("expired.test", "expired on"), ("wrong.test", "is for elsewhere.test, not for wrong.test"), ("unknown.test", "is self-signed"),
            ("10.9.8.6", "not for 10.9.8.6"),
        ]
    )
    func refusesCertificates(host: String, words: String) async throws {
        try await LiveSession.run("bot@\(host)") { live in
            let failure = try await live.offline().failure
            #expect(failure.code == .tls)
            #expect(failure.message.contains(words), "\(failure.message)")
        }
        let log = try WithProsody.prosody.log
        #expect(!log.contains("Authenticated as bot@\(host)"))
    }

    @Test func refusesAnUnknownAuthority() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let other = try await TestAuthority(in: folder)
        try await LiveSession.run("bot@good.test", configure: { $0.roots = .file(other.certificate) }) { live in
            let failure = try await live.offline().failure
            #expect(failure.code == .tls)
            #expect(failure.message.contains("comes from CN=Oxbow test authority, which is not among"), "\(failure.message)")
        }
    }

    @Test func acceptsAnAddressAsDomain() async throws {
        try await LiveSession.run("bot@10.9.8.7") { live in _ = try await live.online() }
    }

    @Test func skipsVerificationOnlyWhenToldTo() async throws {
        try await LiveSession.run("bot@unknown.test", configure: { $0.insecureSkipVerify = true }) { live in _ = try await live.online() }
    }

    @Test func wrongPassword() async throws {
        try await LiveSession.run("bot@good.test", password: "guess") { live in
            let (failure, delay) = try await live.offline()
            #expect(failure.code == .login)
            #expect(!failure.message.contains("guess"))
            #expect(try #require(delay) >= .seconds(15))
            await #expect(throws: SessionError.self) { try await live.session.request(Ping.request()) }
        }
    }

    @Test func unknownHostAndClosedPort() async throws {
        try await LiveSession.run("bot@good.test", configure: { $0.host = "nowhere.test" }) { live in
            let failure = try await live.offline().failure
            #expect(failure.code == .resolve)
        }
        try await LiveSession.run("bot@good.test", port: try await freePort()) { live in
            let failure = try await live.offline().failure
            #expect(failure.code == .network)
            #expect(failure.message.contains("Connection refused"), "\(failure.message)")
        }
    }

    @Test("DNS that fails for a while is waited for; and a host that has moved is found at its new address") func resolvesLater()
        async throws
    {
        let prosody = try WithProsody.prosody
        let resolver = LateResolver(port: try await freePort())
        try await LiveSession.run(
            "bot@good.test",
            port: prosody.startTLSPort,
            resolver: resolver,
            configure: { $0.host = "moving.test" }
        ) { live in
            #expect(try await live.offline().failure.code == .resolve)
            #expect(try await live.offline().failure.code == .network)
            _ = try await live.online()
        }
    }

    @Test func directTLSToAPortWithoutTLS() async throws {
        try await LiveSession.run("bot@good.test", configure: { $0.security = .directTLS }) { live in
            let failure = try await live.offline().failure
            #expect(failure.code == .tls)
        }
    }

    @Test func followsServiceRecords() async throws {
        let prosody = try WithProsody.prosody
        let loopback = try SocketAddress(ipAddress: "127.0.0.1", port: 0)
        let resolver = TestResolver(
            services: [
                "_xmpp-client._tcp.good.test": [
                    ServiceRecord(priority: 20, weight: 0, port: prosody.startTLSPort, target: "two.test"),
                    ServiceRecord(priority: 10, weight: 0, port: try await freePort(), target: "one.test"),
                ],
                "_xmpps-client._tcp.good.test": [ServiceRecord(priority: 5, weight: 0, port: 5223, target: "gone.test")],
            ],
            addresses: ["one.test": [loopback], "two.test": [loopback]]
        )
        try await LiveSession.run("bot@good.test", resolver: resolver, configure: { ($0.host, $0.port) = (nil, nil) }) { live in
            _ = try await live.online()
        }
    }

    @Test func serviceNotOffered() async throws {
        let resolver = TestResolver(services: ["_xmpp-client._tcp.good.test": [ServiceRecord(priority: 0, weight: 0, port: 0, target: "")]])
        try await LiveSession.run("bot@good.test", resolver: resolver, configure: { ($0.host, $0.port) = (nil, nil) }) { live in
            let failure = try await live.offline().failure
            #expect(failure.code == .resolve)
            #expect(failure.message.contains("offers no XMPP"))
        }
    }

    @Test func resumesAfterACut() async throws {
        let prosody = try WithProsody.prosody
        let proxy = try await FaultProxy.start(to: prosody.startTLSPort)
        try await LiveSession.run("bot@good.test/cut", port: proxy.port) { live in
            _ = try await live.online()
            try await live.session.send(.presence(Presence(.available)), until: .acknowledged)
            try await proxy.freeze()
            // Written into a dead connection: it is sent again by the resumed session, and acknowledged there.
            let message = try sealed("lost", to: "bot@good.test/cut")
            let session = live.session
            async let acknowledged: Void = session.send(message, until: .acknowledged)
            async let answer = session.request(Ping.request())
            try await LiveSession.run("peer@good.test") { peer in
                _ = try await peer.online()
                try await peer.session.send(sealed("meanwhile", to: "bot@good.test/cut"), until: .acknowledged)
            }
            await proxy.cut()
            proxy.thaw()
            let failure = try await live.offline().failure
            #expect(failure.code == .network)
            do {
                _ = try await answer
                Issue.record("the request outlived its connection")
            } catch let error as SessionError {
                #expect(error.code == .offline)
            }
            let online = try await live.online()
            #expect(online.resumed)
            try await acknowledged
            var ids: Set<String?> = []
            for _ in 0..<2 {
                let message = try await live.message()
                ids.insert(message.message.id)
                message.processed()
            }
            #expect(ids == ["lost", "meanwhile"])
        }
        await proxy.stop()
    }

    @Test func noticesADeadLink() async throws {
        let proxy = try await FaultProxy.start(to: try WithProsody.prosody.startTLSPort)
        try await LiveSession.run(
            "bot@good.test",
            port: proxy.port,
            configure: { ($0.keepalive, $0.keepaliveAnswer) = (.milliseconds(300), .milliseconds(300)) }
        ) { live in
            _ = try await live.online()
            try await proxy.freeze()
            let failure = try await live.offline().failure
            #expect(failure.code == .network)
            #expect(failure.message.contains("stopped answering"), "\(failure.message)")
        }
        await proxy.stop()
    }

    @Test func withoutStreamManagement() async throws {
        let proxy = try await FaultProxy.start(to: try WithProsody.prosody.startTLSPort)
        try await LiveSession.run("bot@plain.test", port: proxy.port) { live in
            _ = try await live.online()
            try await live.session.send(.presence(Presence(.available)), until: .acknowledged)
            try await proxy.freeze()
            let session = live.session
            async let sent: Void = session.send(.presence(Presence(.available)), until: .acknowledged)
            await proxy.cut()
            proxy.thaw()
            _ = try await live.offline()
            do {
                try await sent
                Issue.record("nobody can have acknowledged it")
            } catch let error as SessionError {
                #expect(error.code == .offline)
            }
            let online = try await live.online()
            #expect(!online.resumed)
        }
        await proxy.stop()
    }

    @Test func keepsOrderUnderBackPressure() async throws {
        try await LiveSession.run("bot@good.test/slow", configure: { $0.backlog = 4 }) { live in
            _ = try await live.online()
            try await live.session.send(.presence(Presence(.available)), until: .acknowledged)
            try await LiveSession.run("peer@good.test") { peer in
                _ = try await peer.online()
                for number in 0..<100 { try await peer.session.send(sealed("m\(number)", to: "bot@good.test/slow"), until: .written) }
                _ = try await peer.session.request(Ping.request())
            }
            var held: [InboundMessage] = []
            for number in 0..<100 {
                let message = try await live.message()
                #expect(message.message.id == "m\(number)")
                held.append(message)
                // Late, and in another order than they came.
                if held.count == 3 { while let last = held.popLast() { last.processed() } }
            }
            for message in held { message.processed() }
            _ = try await live.session.request(Ping.request())
        }
    }

    @Test func answersRequests() async throws {
        let handler = EchoHandler()
        try await LiveSession.run("bot@good.test/asked", handlers: [handler]) { live in
            let address = try await live.online().address
            try await LiveSession.run("peer@good.test") { peer in
                _ = try await peer.online()
                let question = Element("echo", "urn:example:echo", text: "hello")
                #expect(try await peer.session.request(Request(.get, to: address, question)) == question)
                #expect(try await peer.session.request(Ping.request(to: address)) == nil)
                let answer = try #require(await peer.session.request(DiscoInfo.request(to: address)))
                let info = try #require(DiscoInfo(answer))
                #expect(info.features.contains("urn:example:echo"))
                await #expect(throws: StanzaError.self) {
                    try await peer.session.request(Request(.get, to: address, Element("other", "urn:example:other")))
                }
            }
        }
    }

    @Test func closesInOrder() async throws {
        let prosody = try WithProsody.prosody
        try await LiveSession.run("bot@good.test/closing") { live in _ = try await live.online() }
        #expect(prosody.log.contains("bot@good.test/closing"))
        // A session that was not closed in order would hibernate, and its resource would be in use.
        try await LiveSession.run("bot@good.test/closing") { live in
            let address = try await live.online().address
            #expect(address == Address("bot@good.test/closing"))
        }
        #expect(!prosody.log.contains("hibernating session of bot@good.test/closing"))
    }

    @Test func leavesAServerThatDoesNotAnswer() async throws {
        let proxy = try await FaultProxy.start(to: try WithProsody.prosody.startTLSPort)
        // Without the limit on closing, this would wait until the suite's time is over.
        try await LiveSession.run("bot@good.test", port: proxy.port) { live in
            _ = try await live.online()
            try await proxy.freeze()
        }
        await proxy.stop()
    }

    @Test("R13: what earlier logins proved has to be known")
    func unreadablePinsStopTheLogin() async throws {
        let prosody = try WithProsody.prosody
        let before = prosody.log.count
        try await LiveSession.run("bot@good.test/forgetful", memory: BrokenMemory()) { live in
            let event = try await live.next()
            #expect(event.failureCode == .login)
        }
        #expect(!prosody.log.dropFirst(before).contains("Authenticated"))
    }

    @Test("R13: a server that has done -PLUS has to do it again")
    func downgradeIsRefused() async throws {
        let memory = TestMemory()
        let account = try #require(Address("bot@good.test"))
        try await memory.setLoginPins(LoginPins(scram: true, channelBinding: true), of: account)
        try await LiveSession.run("bot@good.test", memory: memory) { live in
            let event = try await live.next()
            #expect(event.failureCode == .login)
        }
    }
}

private struct EchoHandler: IQHandler {
    let payloads = [Name("echo", "urn:example:echo")]
    let features = ["urn:example:echo"]

    func respond(to payload: Element, kind: Request.Kind, from sender: Address) async throws -> Element? { payload }
}

/// A resolver that fails at first, then knows an address where nobody listens, then the right one.
private final class LateResolver: Resolver {
    private let closed: Int
    private let asked = Mutex(0)

    init(port: Int) { closed = port }

    func services(_ name: String) async throws -> [ServiceRecord] { [] }

    func addresses(of host: String, port: Int) async throws -> [SocketAddress] {
        let number = asked.withLock { asked in
            asked += 1
            return asked
        }
        guard number > 1 else { throw ResolverError(.unknown, "The host name \(host) can't be resolved.") }
        return [try SocketAddress(ipAddress: "127.0.0.1", port: number == 2 ? closed : port)]
    }
}

private struct BrokenMemory: LoginMemory {
    struct Broken: Error {}
    func loginPins(of account: Address) async throws -> LoginPins? { throw Broken() }
    func setLoginPins(_ pins: LoginPins?, of account: Address) async throws { throw Broken() }
}

extension SessionEvent {
    fileprivate var failureCode: SessionFailure.Code? {
        if case .offline(let failure, _) = self { failure.code } else { nil }
    }
}
