import Testing

@testable import XMPP

@Suite struct JIDEscapingTests {
    /// The examples of XEP-0106.
    @Test(arguments: [
        ("space cadet", "space\\20cadet"), ("call me \"ishmael\"", "call\\20me\\20\\22ishmael\\22"),
        ("at&t guy", "at\\26t\\20guy"),
        ("d'artagnan", "d\\27artagnan"), ("/.fanboy", "\\2f.fanboy"),
        ("::foo::", "\\3a\\3afoo\\3a\\3a"), ("<foo>", "\\3cfoo\\3e"),
        ("user@host", "user\\40host"), ("c:\\net", "c\\3a\\net"), ("c:\\\\net", "c\\3a\\\\net"),
        ("c:\\cool stuff", "c\\3a\\cool\\20stuff"),
        ("c:\\5commas", "c\\3a\\5c5commas"), ("carol@example.org", "carol\\40example.org"), ("", ""),
        ("\\3", "\\3"), ("\\", "\\"),
    ])
    func roundTrip(_ name: String, _ local: String) {
        #expect(JIDEscaping.escape(name) == local)
        #expect(JIDEscaping.unescape(local) == name)
    }

    @Test func undefinedSequencesStandForThemselves() {
        #expect(JIDEscaping.unescape("a\\41b\\zz\\4") == "a\\41b\\zz\\4")
        // Case is significant (XEP-0106 § 4) …
        #expect(JIDEscaping.unescape("a\\5C40b") == "a\\5C40b")
        #expect(JIDEscaping.unescape("\\20a\\20") == "\\20a\\20")
        #expect(JIDEscaping.unescape("\\+2f") == "\\+2f")
    }

    @Test(
        "… but nodeprep makes capitals small: what would then be read as an escape is escaped before"
    )
    func capitals() throws {
        let local = try #require(JIDEscaping.escape("c:\\5Commas\\2Fa"))
        #expect(local == "c\\3a\\5c5Commas\\5c2Fa")
        let address = try #require(Address(local: local, domain: "x"))
        #expect(JIDEscaping.unescape(address.local ?? "") == "c:\\5commas\\2fa")
    }

    /// Every row of the two tables of XEP-0106 § 4, and § 5's source addresses that hold sequences already.
    @Test(arguments: [
        ("a b", "a\\20b"), ("\"", "\\22"), ("&", "\\26"), ("'", "\\27"), ("/", "\\2f"), (":", "\\3a"),
        ("<", "\\3c"), (">", "\\3e"), ("@", "\\40"),
        ("\\5c", "\\5c5c"), ("\\20a", "\\5c20a"), ("a\\20", "a\\5c20"),
        ("\\3and\\2is\\5cool", "\\5c3and\\2is\\5c5cool"),
        ("\\2plus\\2is\\4", "\\2plus\\2is\\4"), ("foo\\bar", "foo\\bar"), ("foob\\41r", "foob\\41r"),
        ("here's_a_wild_&_/cr%zy/_address", "here\\27s_a_wild_\\26_\\2fcr%zy\\2f_address"),
    ])
    func tables(_ name: String, _ local: String) {
        #expect(JIDEscaping.escape(name) == local)
        #expect(JIDEscaping.unescape(local) == name)
    }

    @Test func spacesAtTheEnds() {
        #expect(JIDEscaping.escape(" a") == nil)
        #expect(JIDEscaping.escape("a ") == nil)
    }

    @Test func everyNameComesBack() {
        var random = SplitMix(state: 7)
        let alphabet = Array("\\25c04 @aü".unicodeScalars)
        for _ in 0..<20_000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...10, using: &random) {
                text.append(alphabet[Int.random(in: alphabet.indices, using: &random)])
            }
            let name = String(text)
            guard let local = JIDEscaping.escape(name) else { continue }
            #expect(JIDEscaping.unescape(local) == name)
        }
    }
}
