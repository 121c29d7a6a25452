import Foundation
import GRE
import MIME
import OX
import OpenPGP
import TestSupport
import Testing
import XML
import XMPP

/// What Libervia's gateway said, stanza by stanza.
@Suite("Libervia's gateway, replayed") struct LiberviaReplayTests {
    private let gateway = AcceptedGateway(domain: jid("email.localhost"))

    private func look(_ name: String, account: String = "bot@localhost") async throws -> Examination {
        let directory = GatewayDirectory(
            account: jid(account),
            gateways: [gateway],
            session: nil,
            memory: Memories(),
            formatters: FormatterRegistry([MIMEFormatter()]),
            encrypters: EncrypterRegistry([]),
            clock: { 0 }
        )
        let keys = KeyDirectory(
            account: jid(account),
            engine: try await Correspondents.assembled().engine,
            session: nil,
            pins: Memories(),
            policy: .tofu,
            clock: { 0 }
        )
        let opener = GatewayOpener(directory: directory, keys: keys, age: AgeCheck(birth: 0))
        return opener.examine(try Fixture.message(name, account: jid(account)), isAllowed: true)
    }

    private func reason(_ name: String, account: String = "bot@localhost") async throws -> RefusalReason? {
        if case .refused(let refusal) = try await look(name, account: account) { refusal.reason } else { nil }
    }

    @Test("Its one error echoes our <encrypted/>: never taken for an incoming message")
    func echo() async throws {
        #expect(try await reason("edge-unregistered-user-answer", account: "alice@localhost") == .kind)
    }

    @Test("PGP/MIME arrives without its ciphertext, plain mail as plain text: both are refused as unencrypted")
    func plaintext() async throws {
        for name in ["inbound-pgpmime", "inbound-plain", "inbound-attachment", "inbound-empty", "inbound-autocrypt", "inbound-burst"] {
            #expect(try await reason(name) == .plaintext, "\(name)")
        }
    }

    @Test("Inline PGP is found in the body")
    func inline() async throws {
        guard case .sealed(let envelope) = try await look("inbound-inline-pgp") else {
            Issue.record("not found")
            return
        }
        #expect(envelope.carrier == .inline)
        #expect(envelope.sender == jid("carol\\40example.test@email.localhost"))
        #expect(envelope.originID == "0d17206f-cb4e-440b-9a89-c51ef6637a4e")
    }

    @Test("Its key lists are empty: that is no key, and no list that took keys away")
    func keyList() throws {
        let items = PubSub.items(of: "urn:xmpp:openpgp:0:public-keys", in: try Fixture.payload("openpgp-keys-of-contact-answer"))
        #expect(items.isEmpty)
    }

    @Test("Its data form says who we are: what goes to a recipient is as the form has it, and mail is From that address")
    func dataForm() async throws {
        try await Bench.use { bench in
            bench.network.setInfo(DiscoInfo(try Fixture.payload("disco-info-gateway-answer")), of: mailDomain)
            bench.network.setInfo(DiscoInfo(try Fixture.payload("disco-info-contact-answer")), of: carolJID)
            bench.network.answer("data", .success(try Fixture.payload("gre-data-contact-answer")))
            try await bench.vouchForCarol()
            let read = try await bench.carolReads(try await bench.seal())
            #expect(read.mail.header.from?.address == "bot@example.test")
            #expect(await bench.directory.senderID(at: mailDomain, asking: carolJID) == "bot@example.test")
        }
    }

    @Test("Its silence about who isn't registered: no message leaves, and the error says what to do")
    func silence() async throws {
        // Recorded was the request; nothing came back.
        let asked = try Fixture.payload("gre-data-from-unregistered-user-request")
        try await Bench.use { bench in
            bench.network.setInfo(DiscoInfo(try Fixture.payload("disco-info-gateway-answer")), of: mailDomain)
            bench.network.answer("data", .failure(SessionError(.timedOut, "no answer")))
            try await bench.vouchForCarol()
            let error = await bench.sealError()
            #expect(error?.code == .noGatewayData && error?.message.contains("Is \(botJID) registered with it?") == true)
            #expect(bench.network.requests("data").map(\.payload) == [asked], "we ask as the recorder did")
            #expect(bench.network.sent.isEmpty)
        }
    }

    @Test("The words of its one error: that we aren't registered, and what it says itself")
    func errorWords() throws {
        let message = try Fixture.message("edge-unregistered-user-answer", account: jid("alice@localhost"))
        #expect(message.element.first("encrypted", Namespace.gatewayRelay) != nil, "the echo that is never read")
        let error = StanzaError(from: message.element)
        #expect(error.condition == "subscription-required")
        let words = GatewayRefusal.words(error, from: message.from.bare, account: jid("alice@localhost"))
        #expect(words.contains("alice@localhost isn't registered with it"))
        #expect(words.contains("User need to register"))
    }

    @Test("R22: the recorded inline message opens with the key that it was written to, for the author that its signature names")
    func openInline() async throws {
        let home = try Scratch.folder() + "/h"
        let engine = try await GPGMEEngine(home: home, logger: silent)
        do {
            try await openInline(engine, home: home)
            await engine.close()
        } catch {
            await engine.close()
            throw error
        }
    }

    private func openInline(_ engine: GPGMEEngine, home: String) async throws {
        let account = jid("alice@localhost")
        let carol = jid("carol\\40example.test@email.localhost")
        // gpg uses the engine's agent, which the making of a key starts.
        _ = try await engine.generateKey(userID: "xmpp:other@localhost")
        let secretKey = Fixture.path("openable/alice.secret.asc")
        let gpg = ["--homedir", home, "--batch", "--no-tty", "--quiet", "--import", secretKey]
        try #require(try await run("gpg", gpg).status == 0)
        let memories = Memories()
        await memories.setOwnKey(try #require(Fingerprint("0F6D48FEED3BE5B374E6224E93ABFDEC907B5D7B")), account: account)
        let network = TestNetwork()
        network.setInfo(DiscoInfo(try Fixture.payload("disco-info-gateway-answer")), of: gateway.domain)
        network.answer("pubsub", .success(try Fixture.payload("openpgp-keys-of-contact-answer")))
        let session = TestSession(account: account, network: network)
        let events = Recorder<KeyEvent>()
        let recorded: Int64 = 1_795_274_728
        let keys = KeyDirectory(
            account: account,
            engine: engine,
            session: session,
            pins: memories,
            policy: .tofu,
            gateways: [gateway.domain: gateway.keys(webKeys: TestWebKeys(network: network))],
            clock: { recorded },
            events: { events.record($0) }
        )
        _ = try await keys.importKey(try ASCIIArmor.decode(try Fixture.bytes("openable/carol.asc")).bytes, for: carol)
        let directory = GatewayDirectory(
            account: account,
            gateways: [gateway],
            session: session,
            memory: memories,
            formatters: FormatterRegistry([MIMEFormatter()]),
            encrypters: EncrypterRegistry([OpenPGPEncrypter(engine: engine, directory: keys)]),
            clock: { recorded }
        )
        let opener = GatewayOpener(directory: directory, keys: keys, age: AgeCheck(birth: 0))
        guard case .sealed(let envelope) = opener.examine(try Fixture.message("openable/inline", account: account), isAllowed: true) else {
            Issue.record("not found")
            return
        }
        let opened = try await opener.open(envelope, received: recorded)
        #expect(opened.payload == [body("inline 7d03760a-3dd9-42bb-9cac-613a192c9a8a")])
        #expect(opened.signer == Fingerprint("04632FFF9B3611A47FCD9693ABBAF9ED84B9CD2E"))
        #expect(opened.gateway?.isAddressed == false, "nothing in it says for whom it is")
        // The gateway names no key, which is no news where the operator has brought one.
        await keys.refresh(carol)
        #expect(!network.requests("pubsub").isEmpty && !events.all.map(\.kind).contains(.unreadable), "\(events.all)")
    }
}
