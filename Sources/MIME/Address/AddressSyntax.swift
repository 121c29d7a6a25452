/// The grammar of RFC 5322 § 3.4, the part of it that leaves no doubt about who is meant.
enum AddressSyntax {
    /// Reads a list of mailboxes.
    /// - Returns: nil if anything in it is none, if it is empty, or if it holds more than `most`.
    static func list(_ text: String, most: Int) -> [Mailbox]? {
        var mailboxes: [Mailbox] = []
        let bytes = Array(text.utf8)
        var start = 0
        while true {
            guard let end = endOfElement(bytes, from: start), mailboxes.count < most, let mailbox = mailbox(bytes[start..<end]) else {
                return nil
            }
            mailboxes.append(mailbox)
            guard end < bytes.count else { return mailboxes }
            start = end + 1
        }
    }

    /// Local part and domain of `local@domain`, the local part quoted only where it must be.
    static func split(_ address: String) -> (localPart: String, domain: String)? {
        let bytes = Array(address.utf8)
        guard bytes.count <= 254, let at = bytes.lastIndex(of: UInt8(ascii: "@")) else { return nil }
        guard let localPart = localPart(bytes[..<at]), localPart.utf8.count <= 64, isDomain(bytes[(at + 1)...]) else { return nil }
        return (localPart, String(decoding: bytes[(at + 1)...], as: UTF8.self))
    }

    /// Where the element ends that begins at the index: at a comma outside of quotes, or at the end. Nil if a quote stays open.
    private static func endOfElement(_ bytes: [UInt8], from start: Int) -> Int? {
        var index = start
        var isQuoted = false
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: "\\") where isQuoted: index += 1
            case UInt8(ascii: ",") where !isQuoted: return index
            default: break
            }
            index += 1
        }
        return isQuoted ? nil : bytes.count
    }

    private static func mailbox(_ element: ArraySlice<UInt8>) -> Mailbox? {
        let element = element.trimmed
        guard element.last == UInt8(ascii: ">") else { return Mailbox(address: String(decoding: element, as: UTF8.self)) }
        // The name has no bracket outside of quotes, so the address begins at the first such.
        guard let (words, rest) = words(element), rest.first == UInt8(ascii: "<") else { return nil }
        let address = String(decoding: rest.dropFirst().dropLast(), as: UTF8.self)
        return Mailbox(address: address, name: HeaderCoding.name(words.joined(separator: " ")))
    }

    /// The words of a display name, unquoted, and what follows them.
    private static func words(_ bytes: ArraySlice<UInt8>) -> ([String], ArraySlice<UInt8>)? {
        var words: [String] = []
        var rest = bytes
        while let byte = rest.first {
            switch byte {
            case UInt8(ascii: "<"): return (words, rest)
            case 0x20, 0x09: rest = rest.dropFirst()
            case UInt8(ascii: "\""):
                guard let (content, behind) = quoted(rest) else { return nil }
                words.append(String(decoding: content, as: UTF8.self))
                rest = behind
            default:
                // A dot without quotes is obsolete and everywhere.
                let word = rest.prefix { isAtom($0) || $0 == UInt8(ascii: ".") || $0 >= 0x80 }
                guard !word.isEmpty else { return nil }
                words.append(String(decoding: word, as: UTF8.self))
                rest = rest[word.endIndex...]
            }
        }
        return nil
    }

    /// The content of the quoted string at the start, and what follows it.
    private static func quoted(_ bytes: ArraySlice<UInt8>) -> ([UInt8], ArraySlice<UInt8>)? {
        var content: [UInt8] = []
        var index = bytes.startIndex + 1
        while index < bytes.endIndex {
            var byte = bytes[index]
            if byte == UInt8(ascii: "\"") { return (content, bytes[(index + 1)...]) }
            if byte == UInt8(ascii: "\\") {
                index += 1
                guard index < bytes.endIndex else { return nil }
                byte = bytes[index]
            }
            guard byte >= 0x20 || byte == 0x09, byte != 0x7F else { return nil }
            content.append(byte)
            index += 1
        }
        return nil
    }

    private static func localPart(_ bytes: ArraySlice<UInt8>) -> String? {
        guard bytes.first == UInt8(ascii: "\"") else { return isDotAtom(bytes) ? String(decoding: bytes, as: UTF8.self) : nil }
        guard let (content, rest) = quoted(bytes), rest.isEmpty, !content.isEmpty, content.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
            return nil
        }
        if isDotAtom(content[...]) { return String(decoding: content, as: UTF8.self) }
        let escaped = content.flatMap { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") ? [UInt8(ascii: "\\"), $0] : [$0] }
        return "\"" + String(decoding: escaped, as: UTF8.self) + "\""
    }

    private static func isDotAtom(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty && $0.allSatisfy(isAtom) }
    }

    private static func isDomain(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        default: false
        }
    }

    /// `atext`.
    private static func isAtom(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || marks.contains(byte) }

    private static let marks = Set("!#$%&'*+-/=?^_`{|}~".utf8)
}
