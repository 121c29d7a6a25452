import Testing
import XML

@Suite struct DocumentTests {
    @Test func aSigncryptAsOthersWriteIt() throws {
        let text = """
            <?xml version='1.0'?>
            <ox:signcrypt xmlns:ox='urn:xmpp:openpgp:0'><ox:to jid='juliet@example.org'/><ox:time stamp='2026-11-21T10:00:00Z'/>
            <ox:payload><body xmlns='jabber:client'>Hi</body></ox:payload><ox:rpad>abc</ox:rpad></ox:signcrypt>

            """
        let root = try document(text)
        #expect(root.is("signcrypt", "urn:xmpp:openpgp:0"))
        #expect(root.elements.map(\.local) == ["to", "time", "payload", "rpad"])
        #expect(root.first("payload", "urn:xmpp:openpgp:0")?.first("body", "jabber:client")?.text == "Hi")
    }

    @Test(arguments: ["", " \n", "<a>", "<a><b/>", "<a", "<", "<?xml version='1.0'?>", "<a>text"])
    func incomplete(_ text: String) {
        #expect(refusal(text) == .incomplete)
    }

    @Test func namespacesOfAttributes() throws {
        let root = try document("<p:a xmlns='urn:d' xmlns:p='urn:p' b='1' p:b='2' xml:lang='de'><b xmlns='' xml:space='preserve'/></p:a>")
        #expect(root.name == Name("a", "urn:p"))
        #expect(root.attributes == [Name("b"): "1", Name("b", "urn:p"): "2", Name("lang", Element.xmlNamespace): "de"])
        #expect(root.elements.map(\.name) == [Name("b")])
        #expect(root.elements.first?.attributes == [Name("space", Element.xmlNamespace): "preserve"])
    }

    @Test func textIsOneRunBetweenTwoTags() throws {
        let root = try document("<a>h\u{e9}l&amp;l<![CDATA[<o>]]>&#33;<b/>\r\n\r x</a>")
        #expect(root.nodes == [.text("h\u{e9}l&l<o>!"), .element(Element("b", "")), .text("\n\n x")])
    }

    @Test func whiteSpaceInAttributesIsNormalised() throws {
        #expect(try document("<a b='1\t2\n3&#9;4&#10;5'/>")["b"] == "1 2 3\t4\n5")
    }
}
