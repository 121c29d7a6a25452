/// Keeps charsets that we don't know away from iconv: their names in encoded words (RFC 2047) and extended parameters (RFC 2231) are replaced
/// by `us-ascii` before GMime sees the field, so that what is ASCII in them is still read.
enum CharsetGate {
    /// The field with known charsets only. Linear in its length.
    static func passing(_ raw: String) -> String {
        let bytes = Array(raw.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            guard let start = startOfLabel(bytes, at: index) else {
                result.append(bytes[index])
                index += 1
                continue
            }
            let isWord = bytes[index] == UInt8(ascii: "=")
            var end = start
            while end < bytes.count, !isEnd(bytes[end], inWord: isWord) { end += 1 }
            result += bytes[index..<start]
            let names = isWord ? isWordBehind(bytes, end) : end < bytes.count && bytes[end] == UInt8(ascii: "'")
            if names, !isKnown(bytes[start..<end], inWord: isWord) {
                result += "us-ascii".utf8
            } else {
                result += bytes[start..<end]
            }
            index = end
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Where the name of a charset would begin if `=?` or `*=` stands at the index, the latter with the white space and quotes that GMime passes over.
    private static func startOfLabel(_ bytes: [UInt8], at index: Int) -> Int? {
        var next = index + 1
        switch bytes[index] {
        case UInt8(ascii: "="):
            return next < bytes.count && bytes[next] == UInt8(ascii: "?") ? next + 1 : nil
        case UInt8(ascii: "*"):
            while next < bytes.count, isBlank(bytes[next]) { next += 1 }
            guard next < bytes.count, bytes[next] == UInt8(ascii: "=") else { return nil }
            next += 1
            while next < bytes.count, isBlank(bytes[next]) || bytes[next] == UInt8(ascii: "\"") { next += 1 }
            return next
        default:
            return nil
        }
    }

    private static func isEnd(_ byte: UInt8, inWord: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "?"): inWord
        case UInt8(ascii: "'"), UInt8(ascii: ";"): !inWord
        case UInt8(ascii: "\""): true
        default: isBlank(byte)
        }
    }

    /// Whether `?q?` or `?b?` stands at the index.
    private static func isWordBehind(_ bytes: [UInt8], _ index: Int) -> Bool {
        guard index + 2 < bytes.count, bytes[index] == UInt8(ascii: "?"), bytes[index + 2] == UInt8(ascii: "?") else { return false }
        return [UInt8(ascii: "q"), UInt8(ascii: "b")].contains(bytes[index + 1] | 0x20)
    }

    /// An empty name in a parameter says that there is none; in a word (`=?*en?`) it would mean the machine's own charset.
    private static func isKnown(_ label: ArraySlice<UInt8>, inWord: Bool) -> Bool {
        let name = inWord ? label.prefix { $0 != UInt8(ascii: "*") } : label
        return name.isEmpty ? !inWord : Charset(named: String(decoding: name, as: UTF8.self)) != nil
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
}
