import Testing
import XML

@testable import XMPP

@Suite struct PubSubTests {
    private func text(_ request: Request) -> String { "\(request.kind) " + request.payload.serialized() }

    @Test func requests() {
        let pubsub = "<pubsub xmlns='http://jabber.org/protocol/pubsub'>"
        #expect(text(PubSub.items(of: "n", max: 1)) == "get \(pubsub)<items max_items='1' node='n'/></pubsub>")
        #expect(
            text(PubSub.items(of: "n", ids: ["a", "b"])) == "get \(pubsub)<items node='n'><item id='a'/><item id='b'/></items></pubsub>"
        )
        #expect(
            text(PubSub.publish(.init(id: "i", payload: Element("p", "urn:p")), to: "n"))
                == "set \(pubsub)<publish node='n'><item id='i'><p xmlns='urn:p'/></item></publish></pubsub>"
        )
        #expect(
            text(PubSub.publish(.init(id: "i", payload: nil), to: "n", options: [("pubsub#access_model", "open")]))
                == "set \(pubsub)<publish node='n'><item id='i'/></publish><publish-options><x xmlns='jabber:x:data' type='submit'>"
                + "<field type='hidden' var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#publish-options</value></field>"
                + "<field var='pubsub#access_model'><value>open</value></field></x></publish-options></pubsub>"
        )
        #expect(text(PubSub.retract("i", from: "n")) == "set \(pubsub)<retract node='n' notify='true'><item id='i'/></retract></pubsub>")
        let owner = "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>"
        #expect(text(PubSub.configuration(of: "n")) == "get \(owner)<configure node='n'/></pubsub>")
        #expect(text(PubSub.delete("n")) == "set \(owner)<delete node='n'/></pubsub>")
        #expect(
            text(PubSub.configure("n", [("pubsub#persist_items", "true")]))
                == "set \(owner)<configure node='n'><x xmlns='jabber:x:data' type='submit'><field type='hidden' var='FORM_TYPE'>"
                + "<value>http://jabber.org/protocol/pubsub#node_config</value></field>"
                + "<field var='pubsub#persist_items'><value>true</value></field></x></configure></pubsub>"
        )
    }

    @Test func answers() throws {
        let answer = try xml(
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='n'><item id='a'><p xmlns='urn:p'/></item><item/></items></pubsub>"
        )
        #expect(PubSub.items(of: "n", in: answer) == [.init(id: "a", payload: Element("p", "urn:p")), .init(id: nil, payload: nil)])
        #expect(PubSub.items(of: "other", in: answer).isEmpty)
        #expect(PubSub.items(of: "n", in: nil).isEmpty)
        let configuration = try xml(
            "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><configure node='n'><x xmlns='jabber:x:data' type='form'>"
                + "<field var='pubsub#access_model'><value>presence</value></field></x></configure></pubsub>"
        )
        #expect(PubSub.configuration(in: configuration)?["pubsub#access_model"] == "presence")
    }

    private func event(_ content: String, _ attributes: String = "") throws -> PubSubEvent? {
        let account = try #require(Address("bot@example.org"))
        let text = "<message from='a@x' \(attributes)><event xmlns='http://jabber.org/protocol/pubsub#event'>\(content)</event></message>"
        return try Message(stanza(text), account: account).flatMap(PubSubEvent.init)
    }

    @Test func events() throws {
        let published = try #require(try event("<items node='n'><item id='i'><p xmlns='urn:p'/></item></items>"))
        #expect(published.from == Address("a@x"))
        #expect(published.node == "n")
        #expect(published.changes == [.published([.init(id: "i", payload: Element("p", "urn:p"))])])
        #expect(try event("<items node='n'><retract id='i'/></items>")?.changes == [.retracted(["i"])])
        #expect(try event("<items node='n'><retract id='i'/><item id='j'/></items>")?.changes.count == 2)
        #expect(try event("<purge node='n'/>")?.changes == [.purged])
        #expect(try event("<delete node='n'/>")?.changes == [.deleted])
    }

    @Test("T11: without payload, or without any item") func withoutPayload() throws {
        #expect(try event("<items node='n'><item id='i'/></items>")?.changes == [.published([.init(id: "i", payload: nil)])])
        #expect(try event("<items node='n'/>")?.changes == [.published([])])
    }

    @Test func whatIsNoEvent() throws {
        #expect(try event("<items/>") == nil)
        #expect(try event("<configuration node='n'/>") == nil)
        #expect(try event("") == nil)
        #expect(try event("<purge node='n'/>", "type='error'") == nil)
        let account = try #require(Address("bot@example.org"))
        let one = "<event xmlns='http://jabber.org/protocol/pubsub#event'><purge node='n'/></event>"
        let two = try #require(Message(stanza("<message from='a@x'>\(one)\(one)</message>"), account: account))
        #expect(PubSubEvent(two) == nil)
    }
}
