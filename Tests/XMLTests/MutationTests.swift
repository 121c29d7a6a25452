import Testing
import XML

/// Broken streams: whatever they hold, cutting them differently changes nothing, and what was whole before the break comes out.
@Suite struct MutationTests {
    private static let stream =
        header + """
            <message from='juliet@example.org/balcony' id="1"><body>h\u{E9}llo &amp; <![CDATA[<good> ]] >]]>bye</body><x xmlns='urn:x' y='&lt;"'/></message>
             <presence/> <iq type='result' id='2'><query xmlns='jabber:iq:roster'><item jid='a@b' name='A &#x1F402;'><group>g</group></item></query></iq>
            <p:a xmlns:p='urn:p' p:b='1' xml:lang='de'>t</p:a></stream:stream>
            """

    @Test(arguments: 1...8) func cutAnywhere(_ seed: Int) {
        var random = Generator(seed: UInt64(seed))
        let good = Array(Self.stream.utf8)
        let fragments: [[UInt8]] =
            [
                "<", ">", "/", "'", "\"", "&", ";", "]]>", "<!--", "<?", "<![CDATA[", "</a>", "<a>", "<a/>", " x='1'", "xmlns=''", ":",
                "&lt;", "&x;", "\r", " ",
            ].map { Array($0.utf8) } + [[0], [0x80], [0xC3], [0xFF], [1]]
        for _ in 0..<100 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes.remove(at: place)
                case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
                default: bytes.insert(contentsOf: fragments.randomElement(using: &random) ?? [], at: place)
                }
            }
            let whole = Transcript(bytes)
            for step in [1, 2, Int.random(in: 3...60, using: &random)] {
                let pieces = Transcript(bytes, step: step)
                #expect(pieces.events == whole.events, "\(String(decoding: bytes, as: UTF8.self))")
                #expect(pieces.error?.code == whole.error?.code, "\(String(decoding: bytes, as: UTF8.self))")
            }
            _ = try? Document.parse(bytes)
        }
    }
}
