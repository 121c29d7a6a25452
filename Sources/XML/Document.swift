/// Complete XML documents, such as a decrypted `<signcrypt/>` (S8).
public enum Document {
    /// Reads one document.
    ///
    /// Accepted are white space around the root and a leading XML declaration (T3). Refused are anything but UTF-8, NUL, DTDs,
    /// comments, processing instructions, entities other than the five of XML 1.0 § 4.6, and anything behind the root.
    public static func parse(_ bytes: [UInt8], limits: ParserLimits = .content) throws(ParseError) -> Element {
        guard bytes.count <= limits.stanzaBytes else {
            throw ParseError(.tooBig, "a document of more than \(limits.stanzaBytes) bytes", offset: limits.stanzaBytes)
        }
        let core = ParserCore(limits: limits, frame: 0)
        var events: [StreamParser.Event] = []
        let result = bytes.withUnsafeBytes { bytes in Result { () throws(ParseError) in try core.feed(bytes, into: &events) } }
        try result.get()
        guard case .stanza(let root)? = events.first else {
            throw ParseError(.incomplete, "the end is missing", offset: bytes.count)
        }
        return root
    }
}
