import Testing
import XML

@testable import XMPP

@Suite struct InboundStanzaTests {
    let account = Address(local: "bot", domain: "example.org")

    @Test func messages() throws {
        let account = try #require(account)
        let message = try #require(Message(stanza("<message from='A@X/r' to='bot@example.org/q' id='1' type='chat'/>"), account: account))
        #expect(message.from.description == "a@x/r")
        #expect(message.to.description == "bot@example.org/q")
        #expect(message.kind == .chat)
        let bare = try #require(Message(stanza("<message type='odd'/>"), account: account))
        #expect(bare.from == account)
        #expect(bare.to == account)
        #expect(bare.kind == .normal)
        for text in ["<message from='@'/>", "<message to=''/>", "<iq/>", "<message xmlns='urn:x'/>"] {
            #expect(try Message(stanza(text), account: account) == nil)
        }
    }

    @Test func presence() throws {
        let account = try #require(account)
        let presence = try #require(InboundPresence(stanza("<presence from='a@x/r' type='subscribe'/>"), account: account))
        #expect(presence.kind == .subscribe)
        #expect(try InboundPresence(stanza("<presence from='a@x/r'/>"), account: account)?.kind == .available)
        for text in ["<presence type='odd'/>", "<presence from='/'/>", "<message/>"] {
            #expect(try InboundPresence(stanza(text), account: account) == nil)
        }
    }

    @Test func errors() throws {
        let stanzas = "urn:ietf:params:xml:ns:xmpp-stanzas"
        let error = try StanzaError(
            from: stanza(
                "<iq type='error'><error type='cancel'><text xmlns='\(stanzas)'>No</text><conflict xmlns='\(stanzas)'/>"
                    + "<precondition-not-met xmlns='http://jabber.org/protocol/pubsub#errors'/></error></iq>"
            )
        )
        #expect(error == StanzaError("conflict", .cancel, text: "No", application: Name("precondition-not-met", Namespace.pubsubErrors)))
        #expect(error.description == "conflict (precondition-not-met): No")
        #expect(try StanzaError(from: stanza("<iq type='error'/>")).condition == "undefined-condition")
    }

    @Test func whatStandsBesideTheContent() throws {
        let account = try #require(account)
        func message(_ content: String, _ attributes: String = "id='1'") throws -> Message {
            try #require(Message(stanza("<message from='a@x/r' \(attributes)>\(content)</message>"), account: account))
        }
        let request = "<request xmlns='urn:xmpp:receipts'/>"
        #expect(try Receipts.isRequested(by: message(request)))
        #expect(try !Receipts.isRequested(by: message(request, "")), "without an id there is nothing to confirm")
        #expect(try !Receipts.isRequested(by: message(request, "id='1' type='error'")))
        let received = "<received xmlns='urn:xmpp:receipts' id='7'/>"
        #expect(try Receipts.confirmed(by: message(received)) == "7")
        #expect(try Receipts.confirmed(by: message(received, "type='error'")) == nil)

        let ids = "<origin-id xmlns='urn:xmpp:sid:0' id='o'/><stanza-id xmlns='urn:xmpp:sid:0' by='BOT@example.org' id='s'/>"
        #expect(try StanzaIDs.originID(of: message(ids)) == "o")
        #expect(try StanzaIDs.stanzaID(of: message(ids), by: account) == "s")
        #expect(try StanzaIDs.stanzaID(of: message(ids), by: account.domainAddress) == nil)
        #expect(try StanzaIDs.stanzaID(of: message(ids + ids), by: account) == nil, "one of the two is forged")

        let encryption = "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:xmpp:openpgp:0' name='OX'/><encryption xmlns='urn:xmpp:eme:0'/>"
        #expect(try ExplicitEncryption.namespaces(of: message(encryption)) == ["urn:xmpp:openpgp:0"])

        let delay =
            "<delay xmlns='urn:xmpp:delay' from='Example.org' stamp='1970-01-01T00:00:10Z'/><delay xmlns='urn:xmpp:delay' stamp='x'/>"
            + "<delay xmlns='urn:xmpp:delay' from='/' stamp='1970-01-01T00:00:10Z'/><delay xmlns='urn:xmpp:delay' stamp='1970-01-01T00:00:20Z'/>"
        let delays = try Delay.all(in: message(delay).element)
        #expect(delays.map(\.stamp) == [10, 20])
        #expect(delays.map(\.from) == [account.domainAddress, nil])
    }
}
