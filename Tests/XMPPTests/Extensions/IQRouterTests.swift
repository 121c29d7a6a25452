import Testing
import XML

@testable import XMPP

@Suite struct IQRouterTests {
    struct Failing: IQHandler {
        struct Surprise: Error {}
        let payloads = [Name("fail", "urn:test"), Name("surprise", "urn:test")]
        let features = ["urn:test"]
        func respond(to payload: Element, kind: Request.Kind, from sender: Address) async throws -> Element? {
            if payload.local == "surprise" { throw Surprise() }
            throw StanzaError("forbidden", .auth, text: sender.description)
        }
    }

    let router = IQRouter(
        [Ping(), SoftwareVersion(name: "Oxbow", version: "1"), EntityTime(now: { 10 }), Failing()],
        features: ["urn:xmpp:receipts"],
        node: "urn:node"
    )
    private func answer(_ text: String, isHeard: (Address) -> Bool = { _ in true }) async throws -> String? {
        let account = try #require(Address("bot@example.org"))
        return await router.answer(try stanza(text), account: account, isHeard: isHeard)?.serialized(inheriting: Namespace.client)
    }
    private static func error(_ condition: String, _ kind: String) -> String {
        "<error type='\(kind)'><\(condition) xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
    }

    @Test func handlers() async throws {
        #expect(
            try await answer("<iq type='get' id='1' from='A@x/r'><ping xmlns='urn:xmpp:ping'/></iq>")
                == "<iq id='1' to='A@x/r' type='result'/>"
        )
        #expect(
            try await answer("<iq type='get' id='1'><query xmlns='jabber:iq:version'/></iq>")
                == "<iq id='1' type='result'><query xmlns='jabber:iq:version'><name>Oxbow</name><version>1</version></query></iq>"
        )
        #expect(
            try await answer("<iq type='get' id='1'><time xmlns='urn:xmpp:time'/></iq>")
                == "<iq id='1' type='result'><time xmlns='urn:xmpp:time'><tzo>+00:00</tzo><utc>1970-01-01T00:00:10Z</utc></time></iq>"
        )
        for payload in ["<ping xmlns='urn:xmpp:ping'/>", "<query xmlns='jabber:iq:version'/>", "<time xmlns='urn:xmpp:time'/>"] {
            #expect(
                try await answer("<iq type='set' id='1' from='a@x'>\(payload)</iq>")
                    == "<iq id='1' to='a@x' type='error'>\(Self.error("not-allowed", "cancel"))</iq>"
            )
        }
    }

    @Test func errors() async throws {
        for (content, type, error) in [
            ("<thing xmlns='urn:unknown'/>", "get", Self.error("service-unavailable", "cancel")),
            ("", "get", Self.error("bad-request", "modify")),
            ("<ping xmlns='urn:xmpp:ping'/><ping xmlns='urn:xmpp:ping'/>", "get", Self.error("bad-request", "modify")),
            ("<ping xmlns='urn:xmpp:ping'/>", "odd", Self.error("bad-request", "modify")),
            ("<surprise xmlns='urn:test'/>", "get", Self.error("internal-server-error", "wait")),
        ] {
            #expect(
                try await answer("<iq type='\(type)' id='1' from='a@x'>\(content)</iq>") == "<iq id='1' to='a@x' type='error'>\(error)</iq>"
            )
        }
        let refused = try await answer("<iq type='get' id='1' from='a@x'><fail xmlns='urn:test'/></iq>")
        #expect(refused?.contains("<forbidden") == true)
    }

    @Test(arguments: [
        "<iq type='result' id='1' from='a@x'/>", "<iq type='error' id='1' from='a@x'/>", "<iq id='1'><ping xmlns='urn:xmpp:ping'/></iq>",
        "<iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>", "<iq type='get' id='1' from='/'><ping xmlns='urn:xmpp:ping'/></iq>",
        "<message type='get' id='1'/>",
    ])
    func neverAnswered(_ text: String) async throws {
        #expect(try await answer(text) == nil)
    }

    @Test("R3: strangers get silence") func strangers() async throws {
        let ping = "<ping xmlns='urn:xmpp:ping'/>"
        #expect(try await answer("<iq type='get' id='1' from='a@x'>\(ping)</iq>", isHeard: { _ in false }) == nil)
        for own in ["", "from='bot@example.org'", "from='bot@example.org/r'", "from='example.org'"] {
            #expect(try await answer("<iq type='get' id='1' \(own)>\(ping)</iq>", isHeard: { _ in false }) != nil)
        }
        #expect(try await answer("<iq type='get' id='1' from='mallory@example.org'>\(ping)</iq>", isHeard: { _ in false }) == nil)
    }

    @Test func discoIsWhatIsLoaded() async throws {
        let expected = [
            "http://jabber.org/protocol/caps", "http://jabber.org/protocol/disco#info", "http://jabber.org/protocol/disco#items",
            "jabber:iq:version", "urn:test", "urn:xmpp:ping", "urn:xmpp:receipts", "urn:xmpp:time",
        ]
        #expect(router.info.features == expected)
        #expect(router.info.identities == [DiscoInfo.Identity("client", "bot")])
        #expect(router.capabilities.describe(router.info))
        for node in ["", "node='urn:node#\(router.capabilities.version)'"] {
            let reply = try #require(
                try await answer("<iq type='get' id='1' from='a@x'><query xmlns='http://jabber.org/protocol/disco#info' \(node)/></iq>")
            )
            let query = try #require(try stanza(reply).elements.first)
            #expect(DiscoInfo(query) == router.info)
            #expect(query["node"].map { "node='\($0)'" } ?? "" == node)
        }
        let items = "<query xmlns='http://jabber.org/protocol/disco#items'"
        #expect(
            try await answer("<iq type='get' id='1' from='a@x'>\(items)/></iq>") == "<iq id='1' to='a@x' type='result'>\(items)/></iq>"
        )
        for query in ["<query xmlns='http://jabber.org/protocol/disco#info' node='urn:node#other'/>", "\(items) node='urn:node'/>"] {
            #expect(
                try await answer("<iq type='get' id='1' from='a@x'>\(query)</iq>")
                    == "<iq id='1' to='a@x' type='error'>\(Self.error("item-not-found", "cancel"))</iq>"
            )
        }
    }
}
