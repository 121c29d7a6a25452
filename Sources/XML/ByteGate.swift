#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// What of the input may reach libxml2 at all.
///
/// It knows tags from text and counts how deep they are, no more. With that it holds back what RFC 6120 § 11.1 forbids (comments, processing
/// instructions, DTDs), text where only white space may stand, and what would cost libxml2 memory or time before it asks us: long
/// stanzas, and many attributes (it compares each with each). Since it never looks ahead, these strike at the same byte however the
/// input is cut. Encoding is decided here too: libxml2 2.9 takes overlong forms and switches to whatever a declaration names.
/// What is malformed in other ways passes, and libxml2 judges it.
struct ByteGate {
    private enum State {
        /// Nothing read yet.
        case start
        case text
        /// Behind `<`; the flag says that it was the first byte of all.
        case opened(first: Bool)
        /// Behind `<!`, so many bytes of `[CDATA[` seen.
        case bang(Int)
        /// In a CDATA section, so many brackets at the end of what was read.
        case cdata(brackets: Int)
        /// Behind `<?` at the very start.
        case declaration
        case startTag
        case value(quote: UInt8)
        case endTag
    }

    /// The place behind the last header's, stanza's or root's `>`, counted in bytes from the beginning.
    private(set) var boundary = 0
    /// Whether the root has ended.
    private(set) var closed = false

    private let limits: ParserLimits
    private let frame: Int
    private var state = State.start
    private var depth = 0
    private var attributes = 0
    private var declaration: [UInt8] = []
    private var encoding = UTF8Check()
    /// Bytes before the piece at hand, and the last of them.
    private var offset = 0
    private var previous: UInt8 = 0
    /// Where the stanza (header, document) at hand began; `nil` between stanzas.
    private var began: Int? = 0

    /// - Parameter frame: 1 for a stream, whose root holds stanzas; 0 for a document.
    init(limits: ParserLimits, frame: Int) {
        self.limits = limits
        self.frame = frame
    }

    /// Looks at the next bytes.
    ///
    /// - Returns: How many of them may be parsed, and why the next one may not.
    mutating func pass(_ bytes: UnsafeRawBufferPointer) -> (allowed: Int, refusal: ParseError?) {
        let valid = encoding.validPrefix(bytes)
        let (allowed, refusal) = scan(UnsafeRawBufferPointer(rebasing: bytes[..<valid]))
        defer {
            if allowed > 0 { previous = bytes[allowed - 1] }
            offset += allowed
        }
        if let (code, message) = refusal { return (allowed, ParseError(code, message, offset: offset + allowed)) }
        if valid == bytes.count { return (allowed, nil) }
        if isOutside, closed { return (allowed, ParseError(.trailingContent, "content behind the root", offset: offset + allowed)) }
        return (allowed, ParseError(.badEncoding, "not UTF-8, or a NUL", offset: offset + allowed))
    }

    private typealias Refusal = (code: ParseError.Code, message: String)

    /// Whether only white space may stand here.
    private var isOutside: Bool { depth <= frame }

    private mutating func scan(_ bytes: UnsafeRawBufferPointer) -> (Int, Refusal?) {
        var index = 0
        while index < bytes.count {
            // No further than the stanza at hand may reach.
            let room = began.map { $0 + limits.stanzaBytes - offset } ?? .max
            let end = min(bytes.count, room)
            guard index < end else { return (index, (.tooBig, "a stanza of more than \(limits.stanzaBytes) bytes")) }
            switch state {
            case .text where isOutside:
                let byte = bytes[index]
                if byte == UInt8(ascii: "<"), !closed {
                    if began == nil { began = offset + index }
                    state = .opened(first: false)
                } else if byte != 0x20, byte != 0x0A, byte != 0x0D, byte != 0x09 {
                    return (index, stray)
                }
                index += 1
            case .text:
                index = bytes.find(UInt8(ascii: "<"), from: index, to: end)
                guard index < end else { continue }
                state = .opened(first: false)
                index += 1
            case .endTag:
                index = bytes.find(UInt8(ascii: ">"), from: index, to: end)
                guard index < end else { continue }
                index += 1
                leave(at: index)
            case .value(let quote):
                while index < end, bytes[index] != quote, bytes[index] != UInt8(ascii: "<") { index += 1 }
                guard index < end else { continue }
                guard bytes[index] == quote else { return (index, (.malformed, "a `<` in an attribute")) }
                state = .startTag
                index += 1
            case .startTag:
                while index < end, !bytes[index].endsNames { index += 1 }
                guard index < end else { continue }
                switch bytes[index] {
                case UInt8(ascii: ">"):
                    let isEmpty = (index > 0 ? bytes[index - 1] : previous) == UInt8(ascii: "/")
                    index += 1
                    enter(at: index)
                    if isEmpty { leave(at: index) }
                case UInt8(ascii: "<"):
                    return (index, (.malformed, "a `<` in a tag"))
                case let quote:
                    attributes += 1
                    guard attributes <= limits.attributes else {
                        return (index, (.tooMany, "an element with more than \(limits.attributes) attributes"))
                    }
                    state = .value(quote: quote)
                    index += 1
                }
            default:
                if let refusal = step(bytes[index]) { return (index, refusal) }
                index += 1
            }
        }
        return (index, nil)
    }

    /// Behind the `>` of a start tag.
    private mutating func enter(at index: Int) {
        depth += 1
        state = .text
        if depth == frame { bound(at: index) }
    }

    /// Behind the `>` of an end tag.
    private mutating func leave(at index: Int) {
        depth -= 1
        state = .text
        if depth <= frame { bound(at: index) }
        if depth <= 0 { closed = true }
    }

    private mutating func bound(at index: Int) {
        boundary = offset + index
        began = nil
    }

    private var stray: Refusal {
        if closed { return (.trailingContent, "content behind the root") }
        return depth == 0 ? (.malformed, "text before the root") : (.strayText, "text between stanzas")
    }

    private mutating func step(_ byte: UInt8) -> Refusal? {
        switch state {
        case .start:
            switch byte {
            case UInt8(ascii: "<"): state = .opened(first: true)
            case 0x20, 0x0A, 0x0D, 0x09: state = .text
            case 0xEF: return (.badEncoding, "a byte order mark")
            default: return stray
            }
        case .opened(let first):
            switch byte {
            case UInt8(ascii: "/"): state = .endTag
            case UInt8(ascii: "!"): state = .bang(0)
            case UInt8(ascii: "?"):
                guard first else { return (.restricted, "a processing instruction") }
                state = .declaration
            case UInt8(ascii: ">"), UInt8(ascii: "<"), 0x20, 0x0A, 0x0D, 0x09: return (.malformed, "a tag without a name")
            default:
                attributes = 0
                state = .startTag
            }
        case .bang(let seen):
            guard byte == Array("[CDATA[".utf8)[seen] else { return (.restricted, "a comment or a document type declaration") }
            state = seen < 6 ? .bang(seen + 1) : .cdata(brackets: 0)
            if seen == 6, isOutside { return stray }
        case .cdata(let brackets):
            switch byte {
            case UInt8(ascii: "]"): state = .cdata(brackets: min(brackets + 1, 2))
            case UInt8(ascii: ">") where brackets == 2: state = .text
            default: state = .cdata(brackets: 0)
            }
        case .declaration:
            return stepDeclaration(byte)
        case .text, .startTag, .value, .endTag:
            break
        }
        return nil
    }

    /// `<?xml version='1.0' encoding='UTF-8'?>` and nothing else that starts with `<?`.
    private mutating func stepDeclaration(_ byte: UInt8) -> Refusal? {
        declaration.append(byte)
        switch declaration.count {
        case 1...3:
            guard byte == Array("xml".utf8)[declaration.count - 1] else { return (.restricted, "a processing instruction") }
        case 4:
            guard [0x20, 0x09, 0x0A, 0x0D].contains(byte) else { return (.restricted, "a processing instruction") }
        case 5...200:
            guard byte == UInt8(ascii: ">"), declaration[declaration.count - 2] == UInt8(ascii: "?") else { return nil }
            state = .text
            guard declaresUTF8 else { return (.badEncoding, "an XML declaration with another encoding than UTF-8") }
        default:
            return (.tooBig, "an XML declaration of more than 200 bytes")
        }
        return nil
    }

    private var declaresUTF8: Bool {
        var rest = String(decoding: declaration, as: UTF8.self).lowercased()[...]
        while !rest.isEmpty, !rest.hasPrefix("encoding") { rest = rest.dropFirst() }
        guard !rest.isEmpty else { return true }
        let value = rest.dropFirst("encoding".count).drop { " \t\r\n=".contains($0) }
        return value.hasPrefix("'utf-8'") || value.hasPrefix("\"utf-8\"")
    }
}

extension UInt8 {
    /// Whether a byte of a start tag, outside of values, is something else than names and what stands between them.
    fileprivate var endsNames: Bool {
        self == UInt8(ascii: ">") || self == UInt8(ascii: "'") || self == UInt8(ascii: "\"") || self == UInt8(ascii: "<")
    }
}

extension UnsafeRawBufferPointer {
    /// The first place of a byte in a range, or the range's end. (`memchr`: the standard library looks at one byte after the other.)
    fileprivate func find(_ byte: UInt8, from start: Int, to end: Int) -> Int {
        guard let base = baseAddress, start < end, let found = memchr(base + start, Int32(byte), end - start) else { return end }
        return UnsafeRawPointer(found) - base
    }
}
