/// Complete XML documents, such as a decrypted `<signcrypt/>` (S8).
public enum Document {
    /// Reads one document.
    ///
    /// Accepted are white space around the root and a leading XML declaration (T3). Refused are anything but UTF-8, NUL, DTDs,
    /// comments, processing instructions, entities other than the five of XML 1.0 § 4.6, and anything behind the root.
    public static func parse(_ bytes: [UInt8], limits: ParserLimits = .content) throws(ParseError) -> Element {
        throw ParseError(.incomplete, "not there yet")
    }
}
