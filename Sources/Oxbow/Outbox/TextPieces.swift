import XML
import XMPP

/// Splits a text that is too long for one stanza into pieces that fit, where a reader would split it (R11).
enum TextPieces {
    /// How much of a stanza is not the text, in bytes: keys of many devices, signature, padding, hints.
    private static let overhead = 6144
    /// No piece is made smaller than this, in bytes, whatever a server says.
    private static let least = 1024

    /// The payloads that a payload becomes: itself if it fits, else one for each piece of its body. Only a payload that is nothing but
    /// bodies and a thread is split: of anything else nobody knows how its parts belong together.
    ///
    /// - Parameter limit: The largest stanza that the server takes, in bytes; `nil` if it isn't known.
    static func split(_ payload: [Element], limit: Int?) -> [[Element]] {
        guard let limit else { return [payload] }
        let room = max(least, limit / 4 * 3 - overhead)
        let bodies = payload.filter { $0.is("body", Namespace.client) }
        let rest = payload.filter { !$0.is("body", Namespace.client) }
        guard bodies.count == 1, let body = bodies.first, body.elements.isEmpty, rest.allSatisfy({ $0.local == "thread" }) else {
            return [payload]
        }
        let pieces = split(body.text, room: room)
        guard pieces.count > 1 else { return [payload] }
        return pieces.map { [Element("body", Namespace.client, text: $0)] + rest }
    }

    /// Splits between paragraphs where there is one in the second half of the room, else between lines, words, or characters.
    ///
    /// - Parameter room: How long a piece may be as XML text, in bytes.
    static func split(_ text: String, room: Int) -> [String] {
        var pieces: [String] = []
        var rest = Substring(text)
        while !rest.isEmpty {
            let end = self.end(of: rest, room: room)
            guard end < rest.endIndex else {
                pieces.append(String(rest))
                break
            }
            let cut = self.cut(rest[..<end])
            pieces.append(String(rest[..<cut]))
            rest = rest[cut...]
            // What was between two pieces is said by their being two.
            if let first = rest.first, first.isNewline || first == " " { rest = rest.drop { $0.isNewline || $0 == " " } }
        }
        return pieces
    }

    /// The end of the longest beginning that fits; at least one character.
    private static func end(of text: Substring, room: Int) -> Substring.Index {
        var used = 0
        var index = text.startIndex
        while index < text.endIndex {
            used += written(text[index])
            if used > room, index > text.startIndex { return index }
            index = text.index(after: index)
        }
        return index
    }

    /// How many bytes a character takes in XML text.
    private static func written(_ character: Character) -> Int {
        character.utf8.reduce(0) { sum, byte in
            switch byte {
            case UInt8(ascii: "&"), UInt8(ascii: "\r"): sum + 5
            case UInt8(ascii: "<"), UInt8(ascii: ">"): sum + 4
            default: sum + 1
            }
        }
    }

    private static func cut(_ text: Substring) -> Substring.Index {
        let half = text.index(text.startIndex, offsetBy: text.count / 2)
        let tail = text[half...]
        var isAfterNewline = false
        var paragraph: Substring.Index?
        for index in tail.indices {
            if tail[index].isNewline {
                if isAfterNewline { paragraph = index }
                isAfterNewline = true
            } else {
                isAfterNewline = false
            }
        }
        return paragraph ?? tail.lastIndex(where: \.isNewline) ?? tail.lastIndex(of: " ") ?? text.endIndex
    }
}
