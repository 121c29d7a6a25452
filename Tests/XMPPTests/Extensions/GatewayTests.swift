import Testing
import XML

@testable import XMPP

@Suite struct GatewayTests {
    private func address(_ text: String) throws -> Address { try #require(Address(text)) }

    @Test("XEP-0106: a name of the other network to an address and back") func names() throws {
        let gateway = try address("email.example.net")
        let carol = try #require(Gateway.address(of: "carol@example.org", at: gateway))
        #expect(carol.description == "carol\\40example.org@email.example.net")
        #expect(Gateway.name(of: carol, at: gateway) == "carol@example.org")
        #expect(Gateway.address(of: "Carol@Example.org", at: gateway) == carol)
        #expect(
            Gateway.name(of: try address("carol\\40example.org@elsewhere.example"), at: gateway) == nil
        )
        #expect(Gateway.name(of: gateway, at: gateway) == nil)
        // The gateway's own resource or localpart plays no role.
        #expect(
            Gateway.address(of: "a@b", at: try address("x@email.example.net/r"))?.domain
                == "email.example.net"
        )
    }

    @Test("A name that nodeprep would turn into another one has no address") func noAddress() throws {
        let gateway = try address("email.example.net")
        for name in [
            "", " a", "a ", "\u{0}", "stra\u{df}e@x", String(repeating: "a", count: 1_024), "\u{ff41}@x",
        ] {
            #expect(Gateway.address(of: name, at: gateway) == nil, "\(name)")
        }
    }

    @Test func identity() throws {
        let info = try #require(
            DiscoInfo(
                try xml(
                    """
                    <query xmlns='http://jabber.org/protocol/disco#info'><identity category='component' type='generic'/>\
                    <identity category='gateway' type='smtp' name='Mail'/><feature var='jid\\20escaping'/></query>
                    """
                )
            )
        )
        #expect(Gateway.identities(in: info).map(\.type) == ["smtp"] && Gateway.readsEscapedNames(info))
        #expect(
            Gateway.identities(in: DiscoInfo(identities: [DiscoInfo.Identity("server", "im")], features: [])).isEmpty
        )
    }

    @Test("XEP-0100: a prompt's answer must be an address of the gateway") func prompt() throws {
        let gateway = try address("icq.x")
        #expect(
            Gateway.resolve("12", at: gateway).element(id: "i").serialized(inheriting: Namespace.client)
                == "<iq id='i' to='icq.x' type='set'><query xmlns='jabber:iq:gateway'><prompt>12</prompt></query></iq>"
        )
        func resolved(_ children: String) throws -> String? {
            let answer = try xml("<query xmlns='jabber:iq:gateway'>\(children)</query>")
            return Gateway.resolved(in: answer, at: gateway)?.description
        }
        #expect(try resolved("<jid>12@icq.x</jid>") == "12@icq.x")
        #expect(try resolved("<prompt>12@icq.x/registered</prompt>") == "12@icq.x")
        #expect(try resolved("<jid>12@elsewhere.x</jid>") == nil)
        #expect(try resolved("<jid>icq.x</jid>") == nil)
        #expect(try resolved("<jid>@</jid>") == nil)
    }

    @Test("XEP-0030: items in order, without unreadable ones") func items() throws {
        let items = try #require(
            DiscoItems(
                try xml(
                    """
                    <query xmlns='http://jabber.org/protocol/disco#items'><item jid='email.x' name='Mail'/><item jid='@'/><item/>\
                    <item jid='pubsub.x' node='n'/></query>
                    """
                )
            )
        )
        let (email, pubsub) = (try address("email.x"), try address("pubsub.x"))
        #expect(items.items == [DiscoItems.Item(email, name: "Mail"), DiscoItems.Item(pubsub, node: "n")])
        #expect(DiscoItems(Element("query", Namespace.discoInfo)) == nil)
        #expect(
            DiscoItems.request(to: try address("x")).element(id: "i").serialized(
                inheriting: Namespace.client
            )
                == "<iq id='i' to='x' type='get'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>"
        )
    }
}
