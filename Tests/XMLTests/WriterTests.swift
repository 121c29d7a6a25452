import Testing
import XML

@Suite struct WriterTests {
    private func roundTrip(_ element: Element, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let text = element.serialized()
        #expect(try document(text, limits: ParserLimits()) == element, sourceLocation: sourceLocation)
        let stream = Transcript.allWays(header + element.serialized(inheriting: "jabber:client"))
        #expect(stream.stanzas == [element], sourceLocation: sourceLocation)
    }

    @Test func whatIsWrittenReadsBackTheSame() throws {
        let nasty = "<&>\"' \t\r\n ]]> \u{85}\u{2028} \u{7F} \u{e9}e\u{301} \u{1F469}\u{200D}\u{1F680} \u{FFFD}"
        try roundTrip(Element("a", "", ["b": nasty], text: nasty))
        try roundTrip(Element("a", "urn:x?a=1&b=<'\">", ["b": ""]))
        try roundTrip(Element("message", "jabber:client", ["to": "a@b"], [Element("body", "jabber:client", text: "x"), Element("x", "")]))
        var element = Element("a", "urn:a", ["x": "1"])
        element.attributes[Name("lang", Element.xmlNamespace)] = "en"
        element.attributes[Name("x", "urn:b")] = "2"
        element.attributes[Name("y", "urn:b")] = "3"
        element.attributes[Name("x", "urn:a")] = "4"
        element.nodes = [.text(" "), .element(Element("b", "urn:b")), .text("\n"), .element(Element("c", "", text: "  "))]
        try roundTrip(element)
    }

    @Test func theFormOnTheWire() {
        #expect(
            Element("message", "jabber:client", ["type": "chat", "id": "1", "to": nil], [Element("body", "jabber:client", text: "a<b")])
                .serialized(inheriting: "jabber:client") == "<message id='1' type='chat'><body>a&lt;b</body></message>"
        )
        #expect(Element("a", "u", [:], [Element("b", "")]).serialized() == "<a xmlns='u'><b xmlns=''/></a>")
    }

    @Test func whatXMLCannotCarryIsLeftOut() throws {
        let element = Element("a", "", ["b": "1\u{0}\u{1F}2\u{FFFE}"], text: "1\u{0}\u{8}2\u{FFFF}")
        #expect(element.serialized() == "<a b='12'>12</a>")
    }
}
