/// What a signature over text (RFC 4880 § 5.2.1, class 1) leaves open, and when there is nothing left open.
///
/// Such a signature is over the text with all line ends as CRLF. gpg, to get there, strips every CR at a line's end, and of a line longer
/// than about 20,000 bytes it reads only the beginning. So one good signature fits contents that a mail parser reads differently: a CR too
/// many can be an empty line and end the header, a lone LF can be no line end at all, and the end of a long line can say anything.
enum TextForm {
    /// The longest line whose every byte is signed.
    static let longestLine = 19_000

    /// Why these bytes could be another text than the one that was signed, or `nil` if their line ends are all alike (LF or CRLF) and no
    /// line is too long, so that all contents with this signature have the same lines.
    static func ambiguity(in content: [UInt8]) -> String? {
        var line = 0
        var bare = false
        var paired = false
        var previous: UInt8 = 0
        for byte in content {
            if byte == 10 {
                if previous == 13 { paired = true } else { bare = true }
                line = 0
            } else {
                if previous == 13 { return "it is a signature over text, and there is a carriage return inside a line" }
                line += 1
                if line > longestLine { return "it is a signature over text, and a line is too long to be signed as a whole" }
            }
            previous = byte
        }
        if previous == 13 { return "it is a signature over text, and there is a carriage return inside a line" }
        return bare && paired ? "it is a signature over text, and the line ends are mixed" : nil
    }
}
