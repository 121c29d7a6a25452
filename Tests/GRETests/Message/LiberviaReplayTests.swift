import GRE
import OX
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
}
