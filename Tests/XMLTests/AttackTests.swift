import Testing
import XML

/// A13 and A14: what a hostile sender puts into a decrypted content, or onto a stream.
@Suite struct AttackTests {
    private func check(_ text: String, _ code: ParseError.Code, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(refusal(text) == code, sourceLocation: sourceLocation)
        let stream = Transcript(Array((header + "<ok/>" + text).utf8))
        #expect(stream.error != nil, sourceLocation: sourceLocation)
        #expect(stream.stanzas == [Element("ok", "jabber:client")], sourceLocation: sourceLocation)
    }

    @Test func A13_doctype() {
        check("<!DOCTYPE a><a/>", .restricted)
        check("<!DOCTYPE a [<!ELEMENT a EMPTY>]><a/>", .restricted)
        check("<!DOCTYPE a [<!ATTLIST a b CDATA 'planted'>]><a/>", .restricted)
    }

    @Test func A13_billionLaughs() {
        var dtd = "<!DOCTYPE a [<!ENTITY l0 'ha'>"
        for index in 1...30 { dtd += "<!ENTITY l\(index) '&l\(index - 1);&l\(index - 1);'>" }
        check(dtd + "]><a>&l30;</a>", .restricted)
    }

    @Test func A13_externalEntity() {
        check("<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><a>&e;</a>", .restricted)
        check("<!DOCTYPE a SYSTEM 'http://127.0.0.1:9/x.dtd'><a>&e;</a>", .restricted)
        check("<!DOCTYPE a [<!ENTITY % p SYSTEM 'file:///etc/hostname'> %p;]><a/>", .restricted)
    }

    @Test func A13_entities() {
        #expect(refusal("<a>&nbsp;</a>") == .restricted)
        #expect(refusal("<a b='&nbsp;'/>") == .restricted)
        #expect(throws: Never.self) { try document("<a b='&lt;&gt;&amp;&apos;&quot;'>&lt;&gt;&amp;&apos;&quot;</a>") }
    }

    @Test func A13_processingInstructionsAndComments() {
        check("<a><?php echo 1 ?></a>", .restricted)
        check("<?xml-stylesheet href='x'?><a/>", .restricted)
        check("<a><!-- --></a>", .restricted)
        #expect(refusal("<a/><!-- -->") == .trailingContent)
        #expect(refusal("<!-- --><a/>") == .restricted)
        #expect(refusal("<?xml version='1.0'?><?xml version='1.0'?><a/>") == .restricted)
        #expect(refusal(" <?xml version='1.0'?><a/>") == .restricted)
    }

    @Test func A13_nesting() {
        check(String(repeating: "<a>", count: 100_000) + String(repeating: "</a>", count: 100_000), .tooDeep)
    }

    @Test func A13_attributes() {
        let tag = "<a" + (0..<1_000_000).map { " a\($0)=''" }.joined() + "/>"
        var limits = ParserLimits()
        limits.stanzaBytes = .max / 2
        #expect(refusal(tag, limits: limits) == .tooMany)
        #expect(refusal(tag) == .tooBig)
        #expect(Transcript(Array((header + tag).utf8), limits: limits).error?.code == .tooMany)
        let prefixes = "<a" + (0..<1_000_000).map { " xmlns:a\($0)='u'" }.joined() + "/>"
        #expect(refusal(prefixes, limits: limits) == .tooMany)
    }

    @Test func A13_characterData() {
        let bomb = "<a>" + String(repeating: "<![CDATA[<a>]]>", count: 200_000) + "</a>"
        #expect(refusal(bomb) == .tooBig)
        #expect(refusal(bomb, limits: ParserLimits(textBytes: 1000, stanzaBytes: .max / 2)) == .tooBig)
        #expect(refusal("<a><![CDATA[x</a>") == .incomplete)
        #expect(refusal("<a><![CDATX[x]]></a>") == .restricted)
    }

    @Test func A13_noNULAndNoOtherEncoding() {
        check("<a>\0</a>", .badEncoding)
        check("<a b='\0'/>", .badEncoding)
        check("<\0a/>", .badEncoding)
        #expect(refusal([0x3C, 0x61, 0x2F, 0x3E, 0x00]) == .trailingContent)
    }

    @Test func A14_oneRootAndNothingBehindIt() throws {
        #expect(refusal("<a/><b/>") == .trailingContent)
        #expect(refusal("<a></a>x") == .trailingContent)
        #expect(refusal("<a/><![CDATA[]]>") == .trailingContent)
        #expect(refusal("<a/></a>") == .trailingContent)
        #expect(refusal("x<a/>") == .malformed)
        #expect(try document(" \r\n\t<a/> \r\n\t") == Element("a", ""))
    }
}
