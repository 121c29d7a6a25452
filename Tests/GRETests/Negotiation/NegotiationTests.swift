import GRE
import OX
import Testing
import XML
import XMPP

@Suite("What a gateway and an account have in common") struct NegotiationTests {
    @Test("Namespaces have one form")
    func names() {
        #expect(KindName("urn:xmpp:gre:formatter:mime:0") == KindName(.formatter, "mime", 0))
        #expect(KindName("urn:xmpp:gre:encrypter:a:b:12") == KindName(.encrypter, "a:b", 12))
        #expect(KindName(MIMEFormatter.namespace)?.namespace == MIMEFormatter().kindName.namespace)
        for text in [
            "urn:xmpp:gre:0", "urn:xmpp:gre:formatter:mime", "urn:xmpp:gre:formatter::0", "urn:xmpp:gre:formatter:mime:01",
            "urn:xmpp:gre:formatter:mime:-1", "urn:xmpp:gre:formatter:mime:+1", "urn:xmpp:gre:formatter:mime:x",
            "urn:xmpp:gre:formatter:mime:99999999999", "urn:xmpp:gre:decorator:mime:0",
        ] { #expect(KindName(text) == nil, "\(text)") }
    }

    @Test("The highest version that both have is chosen, of the kind that we prefer")
    func versions() throws {
        let registry = FormatterRegistry([ToyFormatter(version: 1), ToyFormatter(version: 3), ToyFormatter(version: 2), MIMEFormatter()])
        func choice(_ offered: [KindName]) -> KindName? { registry.choice(among: offered)?.name }
        let toy = { KindName(.formatter, "toy", $0) }
        let mime = KindName(.formatter, "mime", 0)
        #expect(choice([mime, toy(1), toy(2), toy(9)]) == toy(2))
        #expect(choice([toy(3), toy(1)]) == toy(3))
        #expect(choice([mime, toy(9)]) == mime)
        #expect(choice([toy(9), KindName(.encrypter, "toy", 1)]) == nil)
        #expect(registry.namespaces.count == 4)
    }

    @Test("R19: a domain is a gateway by identity and feature; Libervia's clients have only the feature")
    func identity() throws {
        let libervia = try #require(DiscoInfo(try Fixture.payload("disco-info-gateway-answer")))
        let offer = try #require(GatewayOffer(domain: libervia))
        #expect(offer.formatters == [KindName(.formatter, "mime", 0)])
        #expect(offer.encrypters == [KindName(.encrypter, "openpgp", 0)])
        #expect(!offer.encryptedOnly)
        var client = libervia
        client.identities = [.init("client", "bot")]
        #expect(GatewayOffer(domain: client) == nil)
        var plain = libervia
        plain.features.removeAll { $0 == Namespace.gatewayRelay }
        #expect(GatewayOffer(domain: plain) == nil)
    }

    @Test("R19: a recipient's own answer takes away, and never adds; features may come twice")
    func narrowing() {
        let mime = MIMEFormatter.namespace
        let toy = "urn:xmpp:gre:formatter:toy:1"
        let domain = DiscoInfo(
            identities: [.init("gateway", "smtp")],
            features: [Namespace.gatewayRelay, mime, mime, toy, OpenPGPEncrypter.namespace]
        )
        let offer = GatewayOffer(domain: domain)
        #expect(offer?.formatters.count == 2)
        let recipient = DiscoInfo(identities: [], features: [Namespace.gatewayRelay, toy, "urn:xmpp:gre:formatter:other:0"])
        #expect(offer?.narrowed(by: recipient).formatters == [KindName(.formatter, "toy", 1)])
        #expect(offer?.narrowed(by: recipient).encrypters == offer?.encrypters)
        #expect(offer?.narrowed(by: DiscoInfo(identities: [], features: [])) == offer)
    }

    @Test("A gateway that offers nothing that we have is refused with what it offers")
    func unsupported() async throws {
        try await Bench.use { bench in
            bench.network.gateway(
                mailDomain,
                features: [Namespace.gatewayRelay, "urn:xmpp:gre:formatter:wasm:4", OpenPGPEncrypter.namespace]
            )
            let error = await bench.sealError()
            #expect(error?.code == .unsupportedKinds)
            #expect(error?.message.contains("urn:xmpp:gre:formatter:wasm:4") == true)
            #expect(bench.gatewayEvents.all.map(\.kind) == [.unusable])
        }
    }

    @Test("A third kind is one file: a toy formatter and encrypter carry a message there and back")
    func toys() async throws {
        let gateway = AcceptedGateway(domain: mailDomain, acceptsUnsigned: true)
        try await Bench.use(
            gateway: gateway,
            formatters: [ToyFormatter(version: 0), ToyFormatter(version: 1)],
            extraEncrypters: [ToyEncrypter(version: 7)]
        ) { bench in
            let features = [Namespace.gatewayRelay, "urn:xmpp:gre:formatter:toy:1", "urn:xmpp:gre:encrypter:toy:7"]
            bench.network.gateway(mailDomain, features: features)
            let sent = try await bench.seal([body("hi")])
            let encrypted = try #require(sent.encrypted)
            #expect(encrypted["formatter"] == features[1] && encrypted["encrypter"] == features[2])
            let back = try await bench.receive(message([encrypted])).get()
            #expect(back.payload.map(\.text) == ["\(botMail): HI"])
            #expect(back.authorship == .unverified)
        }
    }

    @Test("R19: what accounts announce, and only with a gateway")
    func features() {
        let gateways = [AcceptedGateway(domain: mailDomain)]
        #expect(GREFeatures.announced(gateways: []) == [])
        #expect(
            GREFeatures.announced(gateways: gateways) == [Namespace.gatewayRelay, MIMEFormatter.namespace, OpenPGPEncrypter.namespace]
        )
    }
}
