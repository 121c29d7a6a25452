import Testing
import XML

@testable import XMPP

@Suite struct OutboundStanzaTests {
    private func text(_ stanza: OutboundStanza, capabilities: Capabilities? = nil) -> String {
        stanza.element(capabilities: capabilities).serialized(inheriting: Namespace.client)
    }
    private func address(_ text: String) throws -> Address { try #require(Address(text)) }

    @Test("E7, R7: what stands in the clear beside the ciphertext") func sealed() throws {
        let message = SealedMessage(id: "i1", to: try address("a@x"), envelope: .openPGP(base64: "AAAA"))
        #expect(
            text(.sealed(message)) == "<message id='i1' to='a@x' type='chat'>"
                + "<body>This message is encrypted with OpenPGP (XEP-0374); your client can&apos;t show it.</body>".replacing(
                    "&apos;",
                    with: "'"
                )
                + "<openpgp xmlns='urn:xmpp:openpgp:0'>AAAA</openpgp>"
                + "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:xmpp:openpgp:0'/>" + "<store xmlns='urn:xmpp:hints'/>"
                + "<origin-id xmlns='urn:xmpp:sid:0' id='i1'/></message>"
        )
        var asking = message
        asking.requestsReceipt = true
        #expect(
            text(.sealed(asking)) == text(.sealed(message)).replacing("</message>", with: "<request xmlns='urn:xmpp:receipts'/></message>")
        )
    }

    @Test("R4: one refusal") func refusal() throws {
        let refusal = Refusal(to: try address("a@x/r"), id: "i1", text: "Write with OX.")
        #expect(
            text(.refusal(refusal)) == "<message id='i1' to='a@x/r' type='error'><error type='modify'>"
                + "<not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
                + "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Write with OX.</text></error></message>"
        )
        let withoutID = Refusal(to: try address("a@x/r"), id: nil, text: "")
        #expect(OutboundStanza.refusal(withoutID).element()["id"] == nil)
    }

    @Test func receipt() throws {
        let receipt = Receipt(to: try address("a@x/r"), messageID: "i'1")
        #expect(text(.receipt(receipt)) == "<message to='a@x/r' type='chat'><received xmlns='urn:xmpp:receipts' id='i&apos;1'/></message>")
    }

    @Test func presence() throws {
        let capabilities = try #require(Capabilities(DiscoInfo(identities: [], features: []), node: "urn:n"))
        let caps = "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:n' ver='2jmj7l5rSw0yVb/vlWAYkK/YBwk='/>"
        #expect(text(.presence(Presence(.available)), capabilities: capabilities) == "<presence>\(caps)</presence>")
        #expect(text(.presence(Presence(.unavailable)), capabilities: capabilities) == "<presence type='unavailable'/>")
        let peer = try address("a@x/r")
        for (kind, type) in [
            (Presence.Kind.subscribe(peer), "subscribe"), (.subscribed(peer), "subscribed"), (.unsubscribe(peer), "unsubscribe"),
            (.unsubscribed(peer), "unsubscribed"),
        ] {
            #expect(text(.presence(Presence(kind)), capabilities: capabilities) == "<presence to='a@x' type='\(type)'/>")
        }
    }

    @Test func request() throws {
        let request = Request(.set, to: try address("a@x"), Element("ping", Namespace.ping))
        #expect(
            request.element(id: "i1").serialized(inheriting: Namespace.client)
                == "<iq id='i1' to='a@x' type='set'><ping xmlns='urn:xmpp:ping'/></iq>"
        )
        #expect(Request(.get, Element("ping", Namespace.ping)).element(id: "i1")["to"] == nil)
    }
}
