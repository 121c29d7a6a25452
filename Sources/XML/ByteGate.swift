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
        /// Behind `<`.
        case opened
        /// Behind a `<` that was the first byte of all.
        case openedFirst
        /// Behind `<!`; `progress` bytes of `[CDATA[` seen.
        case bang
        /// In a CDATA section; `progress` brackets at the end of what was read, at most two.
        case cdata
        /// Behind `<?` at the very start.
        case declaration
        case startTag
        /// In an attribute's value, up to `quote`.
        case value
        case endTag
    }

    /// The place behind the last header's, stanza's or root's `>`, counted in bytes from the beginning.
    private(set) var boundary = 0
    /// Whether the root has ended.
    private(set) var closed = false

    private let limits: ParserLimits
    private let frame: Int
    private var state = State.start
    private var progress = 0
    private var quote: UInt8 = 0
    private var depth = 0
    private var attributes = 0
    private var declaration: [UInt8] = []
    private var encoding = UTF8Check()
    /// Bytes before the piece at hand, and the last of them.
    private var offset = 0
    private var previous: UInt8 = 0
    /// How far the stanza (header, document) at hand may reach; no bound between stanzas.
    private var bound: Int

    /// - Parameter frame: 1 for a stream, whose root holds stanzas; 0 for a document.
    init(limits: ParserLimits, frame: Int) {
        self.limits = limits
        self.frame = frame
        bound = limits.stanzaBytes
    }

    /// Looks at the next bytes.
    ///
    /// - Returns: How many of them may be parsed, and why the next one may not.
    mutating func pass(_ bytes: UnsafeRawBufferPointer) -> (allowed: Int, refusal: ParseError?) {
        let valid = encoding.validPrefix(bytes)
        let (allowed, refusal) = scan(UnsafeRawBufferPointer(rebasing: bytes[..<valid]))
        if allowed > 0 { previous = bytes[allowed - 1] }
        offset += allowed
        if let refusal { return (allowed, error(refusal)) }
        return (allowed, valid == bytes.count ? nil : error(closed ? .trailing : .encoding))
    }

    private mutating func scan(_ bytes: UnsafeRawBufferPointer) -> (Int, Refusal?) {
        var index = 0
        while index < bytes.count {
            // No further than the stanza at hand may reach.
            let end = min(bytes.count, bound - offset)
            guard index < end else { return (index, .stanzaBytes) }
            switch state {
            case .text where depth > frame:
                index = bytes.find(UInt8(ascii: "<"), from: index, to: end)
                guard index < end else { continue }
                index += 1
                // The common cases without a step of their own: a tag's first letter, and an end tag's slash.
                state = .opened
                guard index < end else { continue }
                if bytes[index] >= UInt8(ascii: "A") {
                    index += 1
                    attributes = 0
                    if let refusal = scanTag(bytes, &index, end) { return (index, refusal) }
                } else if bytes[index] == UInt8(ascii: "/") {
                    index += 1
                    state = .endTag
                }
            case .text:
                let byte = bytes[index]
                if byte == UInt8(ascii: "<"), !closed {
                    if bound == .max { bound = offset + index + limits.stanzaBytes }
                    state = .opened
                } else if !byte.isBlank {
                    return (index, stray)
                }
                index += 1
            case .endTag:
                index = bytes.findShort(UInt8(ascii: ">"), from: index, to: end)
                guard index < end else { continue }
                index += 1
                leave(at: index)
            case .startTag, .value:
                if let refusal = scanTag(bytes, &index, end) { return (index, refusal) }
            default:
                if let refusal = step(bytes[index]) { return (index, refusal) }
                index += 1
            }
        }
        return (index, nil)
    }

    /// From anywhere in a start tag to behind its `>`, or to the end of the bytes.
    private mutating func scanTag(_ bytes: UnsafeRawBufferPointer, _ place: inout Int, _ end: Int) -> Refusal? {
        var index = place
        var attributes = self.attributes
        var inValue = state == .value
        defer {
            place = index
            self.attributes = attributes
        }
        while true {
            if inValue {
                index = bytes.findQuote(quote, from: index, to: end)
                guard index < end else { break }
                guard bytes[index] == quote else { return .bracketInValue }
                inValue = false
                index += 1
            }
            index = bytes.findDelimiter(from: index, to: end)
            guard index < end else { break }
            let byte = bytes[index]
            if byte == UInt8(ascii: ">") {
                let isEmpty = (index > 0 ? bytes[index - 1] : previous) == UInt8(ascii: "/")
                index += 1
                enter(at: index)
                if isEmpty { leave(at: index) }
                return nil
            }
            guard byte != UInt8(ascii: "<") else { return .bracketInTag }
            attributes += 1
            guard attributes <= limits.attributes else { return .attributes }
            quote = byte
            inValue = true
            index += 1
        }
        state = inValue ? .value : .startTag
        return nil
    }

    /// Behind the `>` of a start tag.
    private mutating func enter(at index: Int) {
        depth += 1
        state = .text
        if depth == frame { setBoundary(index) }
    }

    /// Behind the `>` of an end tag.
    private mutating func leave(at index: Int) {
        depth -= 1
        state = .text
        if depth <= frame { setBoundary(index) }
        if depth <= 0 { closed = true }
    }

    private mutating func setBoundary(_ index: Int) {
        boundary = offset + index
        bound = .max
    }

    /// Everything that is too rare to be read in a run.
    private mutating func step(_ byte: UInt8) -> Refusal? {
        switch state {
        case .start:
            switch byte {
            case UInt8(ascii: "<"): state = .openedFirst
            case let byte where byte.isBlank: state = .text
            case 0xEF: return .byteOrderMark
            default: return stray
            }
        case .opened, .openedFirst:
            switch byte {
            case UInt8(ascii: "/"): state = .endTag
            case UInt8(ascii: "!"): (state, progress) = (.bang, 0)
            case UInt8(ascii: "?"):
                guard state == .openedFirst else { return .instruction }
                state = .declaration
            case UInt8(ascii: ">"), UInt8(ascii: "<"): return .noName
            case let byte where byte.isBlank: return .noName
            default: (state, attributes) = (.startTag, 0)
            }
        case .bang:
            guard byte == Array("[CDATA[".utf8)[progress] else { return .commentOrDoctype }
            progress += 1
            guard progress == 7 else { return nil }
            (state, progress) = (.cdata, 0)
            if depth <= frame { return stray }
        case .cdata:
            switch byte {
            case UInt8(ascii: "]"): progress = min(progress + 1, 2)
            case UInt8(ascii: ">") where progress == 2: state = .text
            default: progress = 0
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
            guard byte == Array("xml".utf8)[declaration.count - 1] else { return .instruction }
        case 4:
            guard byte.isBlank else { return .instruction }
        case 5...200:
            guard byte == UInt8(ascii: ">"), declaration[declaration.count - 2] == UInt8(ascii: "?") else { return nil }
            state = .text
            guard declaresUTF8 else { return .declaredEncoding }
        default:
            return .declarationBytes
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

extension ByteGate {
    /// A refusal in a byte: the loops hand it on for each piece of markup.
    private enum Refusal {
        case stanzaBytes, attributes, declarationBytes
        case bracketInTag, bracketInValue, noName, textBeforeRoot, textBetweenStanzas, trailing
        case instruction, commentOrDoctype
        case encoding, byteOrderMark, declaredEncoding
    }

    /// What text is where none may stand.
    private var stray: Refusal {
        if closed { return .trailing }
        return depth == 0 ? .textBeforeRoot : .textBetweenStanzas
    }

    private func error(_ refusal: Refusal) -> ParseError {
        let (code, message): (ParseError.Code, String) =
            switch refusal {
            case .stanzaBytes: (.tooBig, "a stanza of more than \(limits.stanzaBytes) bytes")
            case .attributes: (.tooMany, "an element with more than \(limits.attributes) attributes")
            case .declarationBytes: (.tooBig, "an XML declaration of more than 200 bytes")
            case .bracketInTag: (.malformed, "a `<` in a tag")
            case .bracketInValue: (.malformed, "a `<` in an attribute")
            case .noName: (.malformed, "a tag without a name")
            case .textBeforeRoot: (.malformed, "text before the root")
            case .textBetweenStanzas: (.strayText, "text between stanzas")
            case .trailing: (.trailingContent, "content behind the root")
            case .instruction: (.restricted, "a processing instruction")
            case .commentOrDoctype: (.restricted, "a comment or a document type declaration")
            case .encoding: (.badEncoding, "not UTF-8, or a NUL")
            case .byteOrderMark: (.badEncoding, "a byte order mark")
            case .declaredEncoding: (.badEncoding, "an XML declaration with another encoding than UTF-8")
            }
        return ParseError(code, message, offset: offset)
    }
}
