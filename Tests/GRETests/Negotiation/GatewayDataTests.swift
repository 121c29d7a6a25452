import GRE
import Testing
import XML
import XMPP

@Suite("What a gateway says about a recipient") struct GatewayDataTests {
    @Test("Libervia's answer is read")
    func libervia() throws {
        #expect(try GatewayData(try Fixture.payload("gre-data-contact-answer")).senderID == "bot@example.test")
    }

    @Test("Anything but one form of its type with one sender_id is refused", arguments: 0..<9)
    func strict(_ index: Int) {
        let good = TestNetwork.data(["bot@mail.example"])
        let answers: [Element?] = [
            nil,
            Element("data", "urn:example:other", [:], good.elements),
            Element("data", Namespace.gatewayRelay),
            Element("data", Namespace.gatewayRelay, [:], good.elements + good.elements),
            TestNetwork.data(["bot@mail.example"], type: "urn:xmpp:gre:other"),
            TestNetwork.data(["bot@mail.example"], kind: "submit"),
            TestNetwork.data([]),
            TestNetwork.data(["bot@mail.example", "ceo@mail.example"]),
            TestNetwork.data(["bot@mail.example\r\nBcc: mallory@example.org"]),
        ]
        #expect(throws: GatewayData.Problem.self) { try GatewayData(answers[index]) }
    }

    @Test("Fields in Clark notation are there for those who know them")
    func clark() throws {
        let name = Name("key", "urn:example:formatter")
        let form = DataForm("result", type: Namespace.gatewayRelayData, [.init("sender_id", ["me"]), .init(clark: name, ["value"])])
        let data = try GatewayData(Element("data", Namespace.gatewayRelay, [:], [form.element]))
        #expect(data.form[clark: name] == "value")
    }
}
