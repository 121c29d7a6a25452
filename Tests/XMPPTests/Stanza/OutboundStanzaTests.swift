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

    @Test("R7, R21: towards a gateway thread and origin-id stand outside") func gateway() throws {
        let formatter = "urn:xmpp:gre:formatter:mime:0"
        let encrypter = "urn:xmpp:gre:encrypter:openpgp:0"
        var envelope = GatewayEnvelope(
            formatter: formatter,
            encrypter: encrypter,
            ciphertext: GatewayCiphertext(encryptedBytes: [0, 1, 2]),
            thread: "t'1"
        )
        func message() throws -> SealedMessage {
            SealedMessage(id: "i1", to: try address("a\\40b@g"), envelope: .gateway(envelope))
        }
        #expect(
            text(.sealed(try message())) == "<message id='i1' to='a\\40b@g' type='chat'>"
                + "<body>\(OutboundStanza.gatewayFallbackBody)</body><thread>t'1</thread>"
                + "<encrypted xmlns='urn:xmpp:gre:0' encrypter='\(encrypter)' formatter='\(formatter)'>AAEC</encrypted>"
                + "<encryption xmlns='urn:xmpp:eme:0' name='Gateway Relayed Encryption' namespace='urn:xmpp:gre:0'/>"
                + "<store xmlns='urn:xmpp:hints'/><origin-id xmlns='urn:xmpp:sid:0' id='i1'/></message>"
        )
        envelope.thread = nil
        envelope.ciphertext = GatewayCiphertext(encryptedElements: [
            Element("toy", "urn:toy", text: "x")
        ])
        let element = OutboundStanza.sealed(try message()).element()
        #expect(element.first("thread", Namespace.client) == nil)
        #expect(
            element.first("encrypted", Namespace.gatewayRelay)?.elements == [
                Element("toy", "urn:toy", text: "x")
            ]
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
