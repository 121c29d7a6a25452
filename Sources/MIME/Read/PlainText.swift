/// What mail text needs before others handle it.
enum PlainText {
    /// LF line ends; control characters other than tab and LF taken out, and the two noncharacters that XML has no place for.
    static func clean(_ text: String) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        var afterReturn = false
        for scalar in text.unicodeScalars {
            defer { afterReturn = scalar == "\r" }
            switch scalar.value {
            case 0x0D: result.append(0x0A)
            case 0x0A where afterReturn: continue
            case 0x09, 0x0A: result.append(UInt8(scalar.value))
            case 0..<0x20, 0x7F..<0xA0, 0xFFFE, 0xFFFF: continue
            case 0x2028, 0x2029: result.append(0x0A)
            default: result += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Undoes format=flowed (RFC 3676): lines that end with a space go on in the next one.
    /// - Parameter deletesSpace: `delsp=yes`.
    static func unflowed(_ text: String, deletesSpace: Bool) -> String {
        var lines: [String] = []
        var open: Int?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let quotes = line.utf8.prefix { $0 == UInt8(ascii: ">") }.count
            var content = line.dropFirst(quotes)
            if content.utf8.first == 0x20 { content = content.dropFirst() }
            let isSignature = content == "-- "
            var piece = String(content)
            let flows = !isSignature && content.utf8.last == 0x20
            if flows, deletesSpace { piece.removeLast() }
            if open == quotes, !isSignature, let last = lines.indices.last {
                lines[last] += piece
            } else {
                lines.append(quotes == 0 ? piece : String(repeating: ">", count: quotes) + " " + piece)
            }
            open = flows ? quotes : nil
        }
        return lines.joined(separator: "\n")
    }

    /// Without the copy of the header that some programs put before the text for readers who don't know protected fields
    /// (`hp-legacy-display="1"`, RFC 9788): it ends with the first empty line.
    static func withoutLegacyDisplay(_ text: String) -> String {
        guard let gap = text.firstRange(of: "\n\n") else { return text }
        return String(text[gap.upperBound...])
    }
}
