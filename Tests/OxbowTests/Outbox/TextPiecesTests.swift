import Testing
import XML
import XMPP

@testable import Oxbow

@Suite("R11: long texts are split within the server's limit")
struct TextPiecesTests {
    private func body(_ text: String) -> Element { Element("body", Namespace.client, text: text) }

    @Test("what fits stays one, and so does everything while no limit is known")
    func fits() {
        let long = String(repeating: "x", count: 500_000)
        #expect(TextPieces.split([body(long)], limit: nil) == [[body(long)]])
        #expect(TextPieces.split([body("short")], limit: 10_000) == [[body("short")]])
    }

    @Test("split between paragraphs, else lines, else words, else characters; nothing is lost but the white space between pieces")
    func places() {
        #expect(TextPieces.split("aaaa bbbb\n\ncccc dddd", room: 16) == ["aaaa bbbb\n", "cccc dddd"])
        #expect(TextPieces.split("aaaa bbbb\ncccc dddd", room: 16) == ["aaaa bbbb", "cccc dddd"])
        #expect(TextPieces.split("aaaa bbbb cccc", room: 10) == ["aaaa bbbb", "cccc"])
        #expect(TextPieces.split("aaaabbbbcccc", room: 5) == ["aaaab", "bbbcc", "cc"])
    }

    @Test("the room is that of the XML text, and no character is torn apart")
    func room() {
        let ampersands = TextPieces.split(String(repeating: "&", count: 100), room: 50)
        #expect(ampersands.allSatisfy { $0.count <= 10 })
        #expect(ampersands.joined().count == 100)
        let family = "👩‍👩‍👧‍👦"
        #expect(TextPieces.split(family + family, room: 30) == [family, family])
        #expect(TextPieces.split(family, room: 1) == [family])
    }

    @Test("each piece has the thread; a payload with other elements is left alone")
    func payloads() {
        let thread = Element("thread", Namespace.client, text: "t")
        let long = String(repeating: "word ", count: 10_000)
        let pieces = TextPieces.split([body(long), thread], limit: 20_000)
        #expect(pieces.count > 2)
        #expect(pieces.allSatisfy { $0.last == thread && $0.count == 2 })
        let other = Element("reading", "urn:example:sensor:0")
        #expect(TextPieces.split([body(long), other], limit: 20_000).count == 1)
    }
}
