/// OpenPGP inside of a plain body.
public enum InlinePGP {
    /// The armored message in a body that is exactly one armored message with nothing but white space around it (R22): no text before it,
    /// behind it or between two of them, no signed cleartext, no armor in armor. Whether it is an encrypted one, its packets say.
    /// - Returns: the armor, put right: lines ended by LF, an empty line behind the first, none of the armor's own headers, which nothing
    ///   signs. Nil if the body is anything else.
    public static func message(in body: String) -> String? {
        var lines: [Substring] = []
        for line in body.trimmed.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false) {
            lines.append(withoutBlankEnd(line))
        }
        guard lines.count > 3, lines.first == "-----BEGIN PGP MESSAGE-----", lines.last == "-----END PGP MESSAGE-----" else { return nil }
        var inner = lines.dropFirst().dropLast()
        // Some programs leave out the empty line when there are no headers.
        while let line = inner.first, isArmorHeader(line) { inner = inner.dropFirst() }
        while let line = inner.first, line.isEmpty { inner = inner.dropFirst() }
        guard !inner.isEmpty, inner.allSatisfy({ $0.utf8.allSatisfy(isRadix64) }) else { return nil }
        let kept = inner.filter { !$0.isEmpty }
        return "-----BEGIN PGP MESSAGE-----\n\n" + kept.joined(separator: "\n") + "\n-----END PGP MESSAGE-----\n"
    }

    private static func withoutBlankEnd(_ line: Substring) -> Substring {
        var line = line
        while let last = line.unicodeScalars.last, last.isBlank { line = Substring(line.unicodeScalars.dropLast()) }
        return line
    }

    private static func isArmorHeader(_ line: Substring) -> Bool {
        guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
        return ["Version", "Comment", "Hash", "Charset", "MessageID"].contains(line[..<colon])
    }

    private static func isRadix64(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="):
            true
        default: false
        }
    }
}
