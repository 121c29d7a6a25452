/// A start or end tag.
struct HTMLTag {
    /// In lower case.
    let name: String
    /// Whether it is `</name>`.
    let isEnd: Bool
    /// Where the text behind it begins; the end of the document if the tag isn't closed.
    let end: Int
    private let attributes: Range<Int>

    /// Reads the tag at a `<`; nil if it is none.
    /// - Parameter closing: what isn't the end tag of that name is nil, without looking for its end.
    init?(_ bytes: [UInt8], at start: Int, closing: String? = nil) {
        var index = start + 1
        isEnd = index < bytes.count && bytes[index] == UInt8(ascii: "/")
        if isEnd { index += 1 }
        let nameStart = index
        while index < bytes.count, index - nameStart < 32, Self.isNamePart(bytes[index]) { index += 1 }
        guard index > nameStart, bytes[nameStart] > UInt8(ascii: "9") else { return nil }
        name = String(decoding: bytes[nameStart..<index], as: UTF8.self).lowercased()
        if let closing, !isEnd || closing != name { return nil }
        let attributesStart = index
        var quote: UInt8?
        // A quote opens only behind "=", as in a browser; a stray one in a tag hides nothing.
        var mayOpen = false
        while index < bytes.count {
            let byte = bytes[index]
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: ">") {
                break
            } else if mayOpen, byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
                mayOpen = false
            } else if byte == UInt8(ascii: "=") {
                mayOpen = true
            } else if byte > 0x20 {
                mayOpen = false
            }
            index += 1
        }
        attributes = attributesStart..<index
        end = min(index + 1, bytes.count)
    }

    /// The value of an attribute, entities resolved; the first of that name.
    func attribute(_ wanted: String, of bytes: [UInt8]) -> String? {
        var index = attributes.lowerBound
        while index < attributes.upperBound {
            while index < attributes.upperBound, Self.isSeparator(bytes[index]) { index += 1 }
            let nameStart = index
            while index < attributes.upperBound, !Self.isSeparator(bytes[index]), bytes[index] != UInt8(ascii: "=") { index += 1 }
            let name = bytes[nameStart..<index]
            while index < attributes.upperBound, bytes[index] <= 0x20 { index += 1 }
            var value = bytes[index..<index]
            if index < attributes.upperBound, bytes[index] == UInt8(ascii: "=") {
                index += 1
                while index < attributes.upperBound, bytes[index] <= 0x20 { index += 1 }
                let quote = index < attributes.upperBound ? bytes[index] : 0
                let isQuoted = quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'")
                if isQuoted { index += 1 }
                let start = index
                while index < attributes.upperBound, isQuoted ? bytes[index] != quote : bytes[index] > 0x20 { index += 1 }
                value = bytes[start..<index]
                if isQuoted, index < attributes.upperBound { index += 1 }
            }
            if name.count == wanted.utf8.count, String(decoding: name, as: UTF8.self).lowercased() == wanted {
                return HTMLEntity.resolved(value)
            }
        }
        return nil
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }

    private static func isSeparator(_ byte: UInt8) -> Bool { byte <= 0x20 || byte == UInt8(ascii: "/") }
}
