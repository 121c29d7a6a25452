import Testing

@testable import XML

@Suite struct StreamParserTests {
    @Test func aStreamFromHeaderToEnd() {
        let text =
            header
            + "<message from='a@b' id='1'><body>h\u{e9}llo &amp; &#x1F402;</body></message>\n <iq type='get'/><stream:features/></stream:stream>\n"
        let result = Transcript.allWays(text)
        #expect(result.error == nil)
        var opened = Element(
            "stream",
            "http://etherx.jabber.org/streams",
            ["id": "s1", "from": "example.org", "version": "1.0"]
        )
        opened.attributes[Name("lang", Element.xmlNamespace)] = "en"
        #expect(
            result.events == [
                .opened(opened),
                .stanza(
                    Element(
                        "message",
                        "jabber:client",
                        ["from": "a@b", "id": "1"],
                        [Element("body", "jabber:client", text: "h\u{e9}llo & \u{1F402}")]
                    )
                ),
                .stanza(Element("iq", "jabber:client", ["type": "get"])),
                .stanza(Element("features", "http://etherx.jabber.org/streams")),
                .closed,
            ]
        )
    }

    @Test func eachStanzaComesOutWithItsLastByte() throws {
        let parser = StreamParser()
        let parts = [header, "<a/>", "<b><c>text</c></b>", " \n", "<d x='>' y=\"'/>\">]]&gt;</d>", "</stream:stream>"]
        for part in parts {
            let bytes = Array(part.utf8)
            for byte in bytes.dropLast() { #expect(try parser.feed([byte]).isEmpty) }
            let events = try parser.feed(bytes.suffix(1))
            #expect(events.count == (part == " \n" ? 0 : 1))
            #expect(parser.bytesBehindLastEvent == (part == " \n" ? 2 : 0))
        }
    }

    @Test func bytesBehindProceedAreSeen() throws {
        let parser = StreamParser()
        let events = try parser.feed(Array((header + "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><injec").utf8))
        #expect(events.count == 2)
        #expect(parser.bytesBehindLastEvent == 6)
    }

    @Test func whiteSpaceBetweenStanzasIsIgnoredWithoutLimit() throws {
        let parser = StreamParser(limits: ParserLimits(stanzaBytes: 400))
        _ = try parser.feed(Array(header.utf8))
        for _ in 0..<2000 { #expect(try parser.feed([0x20]).isEmpty) }
        #expect(try parser.feed(Array("<a/>".utf8)).count == 1)
    }

    @Test func anEmptyRoot() {
        #expect(Transcript.allWays("<a/>").events == [.opened(Element("a", "")), .closed])
    }

    @Test func afterAnErrorItStaysDead() {
        let parser = StreamParser()
        var events: [StreamParser.Event] = []
        let first = #expect(throws: ParseError.self) { try parser.feed(Array((header + "<a/></b>").utf8), into: &events) }
        #expect(events.count == 2)
        let second = #expect(throws: ParseError.self) { try parser.feed(Array("<c/>".utf8), into: &events) }
        #expect(first == second)
        #expect(events.count == 2)
    }

    @Test(arguments: [
        ("text", ParseError.Code.strayText), ("<![CDATA[x]]>", .strayText), ("&amp;", .strayText),
        ("</a>", .malformed), ("<a></b>", .malformed), ("<a b='1' b='2'/>", .malformed), ("<a b=1/>", .malformed),
        ("<a b='<'/>", .malformed),
        ("<a>]]></a>", .malformed), ("<a>\u{1}</a>", .malformed), ("<a>\u{FFFF}</a>", .malformed), ("<a>&#0;</a>", .malformed),
        ("<a>&#xD800;</a>", .malformed), ("<>", .malformed), ("<1/>", .malformed), ("<a", nil), ("<a b='", nil),
        ("<a xmlns:x='u' xmlns:y='u' x:b='' y:b=''/>", .malformed), ("<a xmlns:x=''/>", .malformed),
        ("<a xmlns:xmlns='u'/>", .malformed), ("<a xmlns:xml='u'/>", .malformed), ("<a:b:c xmlns:a='u'/>", .malformed),
        ("<x:a/>", .unboundPrefix), ("<a x:b=''/>", .unboundPrefix),
        ("<!-- c -->", .restricted), ("<?pi?>", .restricted), ("<?xml version='1.0'?>", .restricted), ("<!DOCTYPE a>", .restricted),
        ("<a><!-- c --></a>", .restricted), ("<a><?pi?></a>", .restricted), ("<a>&b;</a>", .restricted), ("<a b='&c;'/>", .restricted),
        ("</stream:stream><a/>", .trailingContent), ("</stream:stream>x", .trailingContent), ("</stream:stream><!-- -->", .trailingContent),
    ])
    func errorsByKind(_ text: String, _ code: ParseError.Code?) {
        let result = Transcript.allWays(header + "<ok/>" + text)
        #expect(result.error?.code == code)
        #expect(result.events.count >= 2, "what came before the error is delivered")
    }

    @Test func everyCodeNamesItsStreamError() {
        let conditions: [(ParseError.Code, String)] = [
            (.malformed, "not-well-formed"), (.incomplete, "not-well-formed"), (.trailingContent, "not-well-formed"),
            (.restricted, "restricted-xml"), (.unboundPrefix, "bad-namespace-prefix"), (.badEncoding, "unsupported-encoding"),
            (.strayText, "bad-format"), (.tooDeep, "policy-violation"), (.tooMany, "policy-violation"), (.tooBig, "policy-violation"),
            (.noMemory, "resource-constraint"),
        ]
        for (code, condition) in conditions { #expect(ParseError(code, "").streamErrorCondition == condition) }
    }

    @Test func aNamespaceThatIsNoURIDoesNotEndTheStream() {
        let result = Transcript.allWays(header + "<a xmlns='not a: uri'/><b xmlns='relative'/>")
        #expect(result.error == nil)
        #expect(result.stanzas.map(\.namespace) == ["not a: uri", "relative"])
    }

    @Test func anErrorQuotesNothing() {
        for text in ["<secret></other>", "<a>&secret;</a>", "<secret:a/>", "<a secret='1' secret='2'/>", "secret"] {
            let error = Transcript(Array((header + text).utf8)).error
            #expect(error?.description.contains("secret") == false)
        }
    }

    /// The third trap of libxml2: it keeps every name for as long as a context lives.
    @Test func freshNamesDoNotPileUp() throws {
        let parser = StreamParser()
        _ = try parser.feed(Array(header.utf8))
        func stanzas(_ from: Int, _ count: Int) throws {
            for index in from..<from + count {
                // The cut inside of the tag leaves bytes over that a fresh context has to take on.
                let text = Array(
                    "<name\(index) attribute\(index)='' xmlns:p\(index)='urn:example:\(index)'><b/></name\(index)> <stream:x/>".utf8
                )
                var events = try parser.feed(text.dropLast(8))
                events += try parser.feed(text.suffix(8))
                #expect(events.count == 2)
                #expect(events.last == .stanza(Element("x", "http://etherx.jabber.org/streams")))
                #expect(parser.bytesBehindLastEvent == 0)
            }
        }
        var most = 0
        for round in 0..<40 {
            try stanzas(round * 1000, 1000)
            most = max(most, parser.core.namesHeld)
        }
        #expect(most > 4000, "they are kept for a while")
        #expect(most < 16_384, "of 160,000 names")
        #expect(try parser.feed(Array("</stream:stream>".utf8)) == [.closed])
    }
}
