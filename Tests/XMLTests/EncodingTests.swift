import Testing
import XML

/// Strict UTF-8 and nothing else (RFC 6120 § 11.6, S8).
@Suite struct EncodingTests {
    @Test(
        arguments: [
            [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0xBC], [0xE0, 0x9F, 0xBF], [0xF0, 0x80, 0x80, 0xBC], [0xF0, 0x8F, 0xBF, 0xBF],
            [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xFE], [0x80], [0xBF],
            [0xC3, 0x28], [0xE2, 0x82, 0x28], [0xE2, 0x28, 0xA1], [0x00], [0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x00],
        ] as [[UInt8]]
    )
    func refusedInText(_ bytes: [UInt8]) {
        let text = Array((header + "<ok/><a>").utf8) + bytes + Array("</a>".utf8)
        let result = Transcript.allWays(text)
        #expect(result.error?.code == .badEncoding)
        #expect(result.stanzas == [Element("ok", "jabber:client")])
        #expect(refusal(Array("<a>".utf8) + bytes + Array("</a>".utf8)) == .badEncoding)
        #expect(refusal(Array("<a b='".utf8) + bytes + Array("'/>".utf8)) == .badEncoding)
    }

    @Test func everyLengthOfSequence() throws {
        for text in [
            "\u{7F}", "\u{80}", "\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}", "\u{FFFD}", "\u{10000}", "\u{10FFFF}",
            "a\u{e9}b\u{20AC}c\u{1F600}d",
        ] {
            #expect(
                Transcript.allWays(header + "<a b='\(text)'>\(text)</a>").stanzas == [
                    Element("a", "jabber:client", ["b": text], text: text)
                ]
            )
        }
    }

    @Test(arguments: ["UTF-8", "utf-8", "Utf-8"])
    func declaredUTF8(_ name: String) throws {
        #expect(try document("<?xml version=\"1.0\" encoding=\"\(name)\"?>\n<a/>") == Element("a", ""))
        #expect(try document("<?xml version='1.0' encoding = '\(name)' standalone='yes' ?><a/>") == Element("a", ""))
    }

    @Test(arguments: ["UTF-16", "UTF-16LE", "ISO-8859-1", "US-ASCII", "EBCDIC-CP-US", "UTF-7", "UCS-4", "utf-80", "x"])
    func declaredOtherwise(_ name: String) {
        #expect(refusal("<?xml version='1.0' encoding='\(name)'?><a/>") == .badEncoding)
    }

    @Test func otherEncodingsThatLibxml2WouldDetect() {
        let text = "<?xml version='1.0'?><a/>"
        #expect(refusal(text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }) == .badEncoding)
        #expect(refusal([0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }) == .badEncoding)
        #expect(refusal(text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }) == .badEncoding)
        #expect(refusal([0xEF, 0xBB, 0xBF] + Array(text.utf8)) == .badEncoding)
        #expect(refusal([0x4C, 0x6F, 0xA7, 0x94] as [UInt8]) == .malformed)
        #expect(refusal("+ADw-a/+AD4-") == .malformed)
    }
}
