import Testing

@testable import OxbowHTTP

@Suite("Parts of the status page")
struct PagePartsTests {
    @Test("interpolated text is escaped, interpolated markup is not")
    func markup() {
        let text = "<b>&\"'"
        let inner: Markup = "<i>\(text)</i>"
        let missing: Markup? = nil
        let outer: Markup = "<p title=\"\(text)\">\(inner)\(3)\(missing)</p>"
        #expect(outer.html == "<p title=\"&lt;b&gt;&amp;&quot;&#39;\"><i>&lt;b&gt;&amp;&quot;&#39;</i>3</p>")
    }

    @Test("what can't be seen, or turns what stands around it, is shown by its number; scripts and faces stay")
    func controls() {
        #expect(Markup.escaped("a\u{202e}b\u{2066}c\u{7}d\ne") == "a\\u{202e}b\\u{2066}c\\u{7}d\\u{a}e")
        #expect(Markup.escaped("\u{e0041}\u{feff}") == "\\u{e0041}\\u{feff}")
        #expect(Markup.escaped("ação 日本 עברית 👩‍👩‍👧 é") == "ação 日本 עברית 👩‍👩‍👧 é")
    }

    @Test("a combining mark can't hide what must be escaped")
    func combining() {
        #expect(Markup.escaped("<\u{301}script>\u{301}\"\u{301}") == "&lt;\u{301}script&gt;\u{301}&quot;\u{301}")
    }

    @Test("times are said in their two largest units")
    func spans() {
        #expect(PageTime.span(5) == "5 s")
        #expect(PageTime.span(-5) == "0 s")
        #expect(PageTime.span(125) == "2 min")
        #expect(PageTime.span(7260) == "2 h 1 min")
        #expect(PageTime.span(86_400) == "1 d")
        #expect(PageTime.span(100_000) == "1 d 3 h")
        #expect(PageTime.text(0) == "1970-01-01 00:00:00")
        #expect(
            PageTime(now: 60).markup(0).html == "<time datetime=\"1970-01-01T00:00:00Z\" title=\"1970-01-01 00:00:00 UTC\">1 min ago</time>"
        )
        #expect(PageTime(now: 0).markup(60).html.contains(">in 1 min<"))
    }

    @Test("addresses are URIs as RFC 5122 writes them")
    func links() {
        #expect(XMPPLink.uri("alerts@example.org") == "xmpp:alerts@example.org")
        #expect(
            XMPPLink.uri("nasty!#$%()*+,-.;=?[\\]^_`{|}~node@example.com")
                == "xmpp:nasty!%23$%25()*+,-.;=%3F%5B%5C%5D%5E_%60%7B%7C%7D~node@example.com"
        )
        #expect(XMPPLink.uri("jiři@čechy.example") == "xmpp:ji%C5%99i@%C4%8Dechy.example")
    }

    @Test("fingerprints are read in groups of four")
    func fingerprints() {
        #expect(StatusPage.groups("0123456789ABCDEF01") == ["0123", "4567", "89AB", "CDEF", "01"])
        #expect(StatusPage.groups("") == [])
    }

    @Test("a QR symbol has its three corners, and is as small as it can be")
    func symbol() throws {
        let code = try #require(QRCode("xmpp:alerts@example.org"))
        #expect(code.width == 25)
        #expect(code.modules.count == 625)
        // The finder patterns: seven dark modules on top, at both sides, and below on the left.
        for start in [0, 18, 18 * 25] { #expect(code.modules[start..<(start + 7)].allSatisfy { $0 }) }
        #expect(code.path.hasPrefix("M4 4h7v1h-7z"))
        #expect(code.side == 33)
    }

    @Test("what is too long, or nothing, has no symbol")
    func noSymbol() {
        #expect(QRCode(String(repeating: "x", count: 3000)) == nil)
        #expect(QRCode("") == nil)
    }
}
