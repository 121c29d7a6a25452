import Testing
import XML

/// Each limit: what just fits passes, one more is refused, however the bytes are cut.
@Suite struct LimitsTests {
    private func check(_ limits: ParserLimits, fits: String, refused: String, _ code: ParseError.Code) {
        let good = Transcript.allWays("<r>" + fits, limits: limits)
        #expect(good.error == nil)
        #expect(good.stanzas.count == 1)
        #expect(Transcript.allWays("<r><ok/>" + refused, limits: limits).error?.code == code)
        #expect(code.streamErrorCondition == "policy-violation")
    }

    private func nested(_ depth: Int) -> String {
        String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
    }

    @Test func depth() {
        check(ParserLimits(depth: 5), fits: nested(4), refused: nested(5), .tooDeep)
    }

    @Test func elementsOfAStanza() {
        let limits = ParserLimits(elements: 5)
        check(limits, fits: "<a><b><c/></b><b><c/></b></a>", refused: "<a><b><c/></b><b><c/><c/></b></a>", .tooMany)
        #expect(Transcript.allWays("<r>" + String(repeating: "<a><b/><b/></a>", count: 20), limits: limits).stanzas.count == 20)
    }

    @Test func childrenOfAnElement() {
        check(ParserLimits(children: 3), fits: "<a><b/>t<b/></a>", refused: "<a><b/>t<b/>t</a>", .tooMany)
    }

    @Test func attributesOfAnElement() {
        check(ParserLimits(attributes: 3), fits: "<a b='' c=\"\" xmlns='u'/>", refused: "<a b='' c=\"\" d='' xmlns='u'/>", .tooMany)
        check(ParserLimits(attributes: 1), fits: "<a b=\"'\"><c d='\"'/></a>", refused: "<a b='' b=''/>", .tooMany)
    }

    @Test func names() {
        let (ok, long) = (String(repeating: "n", count: 10), String(repeating: "n", count: 11))
        let limits = ParserLimits(nameBytes: 10)
        check(limits, fits: "<\(ok)/>", refused: "<\(long)/>", .tooBig)
        check(limits, fits: "<a \(ok)=''/>", refused: "<a \(long)=''/>", .tooBig)
        check(limits, fits: "<a xmlns='\(ok)'/>", refused: "<a xmlns='\(long)'/>", .tooBig)
        check(limits, fits: "<a \u{e9}\u{e9}\u{e9}\u{e9}\u{e9}=''/>", refused: "<a \u{e9}\u{e9}\u{e9}\u{e9}\u{e9}n=''/>", .tooBig)
    }

    @Test func attributeValues() {
        check(ParserLimits(attributeBytes: 3), fits: "<a b='\u{e9}&lt;'/>", refused: "<a b='\u{e9}&lt;&gt;'/>", .tooBig)
    }

    @Test func texts() {
        check(
            ParserLimits(textBytes: 4),
            fits: "<a>\u{e9}&lt;<![CDATA[<]]><b/>xxxx</a>",
            refused: "<a>\u{e9}&lt;<![CDATA[<]]>x</a>",
            .tooBig
        )
    }

    @Test func stanzas() {
        let limits = ParserLimits(stanzaBytes: 20)
        check(limits, fits: "<a>1234567890123</a>", refused: "<a>12345678901234</a>", .tooBig)
        check(limits, fits: "<a b='12345678901'/>", refused: "<a b='123456789012'/>", .tooBig)
        check(limits, fits: "<a b='12345678901'/>", refused: "<a b='123456789012345", .tooBig)
        #expect(Transcript.allWays("<r a='12345678901234'>", limits: limits).error?.code == .tooBig)
        #expect(Transcript.allWays("<r>" + String(repeating: "<a>1234567890123</a>", count: 30), limits: limits).stanzas.count == 30)
    }

    @Test func documents() throws {
        let limits = ParserLimits(depth: 2, stanzaBytes: 20)
        #expect(try document("<a>1234567890123</a>", limits: limits).text == "1234567890123")
        #expect(refusal("<a>12345678901234</a>", limits: limits) == .tooBig)
        #expect(refusal("<a><b><c/></b></a>", limits: limits) == .tooDeep)
    }
}
