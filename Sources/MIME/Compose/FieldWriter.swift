import CGMime

/// Writes header fields: ASCII, lines ended by CRLF, and no value that could end its field.
struct FieldWriter {
    /// What was written.
    private(set) var bytes: [UInt8] = []

    /// An unstructured field; GMime folds it.
    mutating func text(_ name: String, _ text: String) throws(MIMEError) {
        try Self.check(text, "the \(name)")
        let text = text.trimmed
        if Self.needsWords(text) {
            raw(name, Self.words(text))
            return
        }
        guard let field = name.withCString({ name in text.withCString { oxbow_mime_encode_text(name, $0) } }) else { return }
        defer { oxbow_mime_free(field) }
        lines(String(cString: field))
    }

    /// A field of mailboxes, one on a line.
    mutating func mailboxes(_ name: String, _ mailboxes: [Mailbox]) throws(MIMEError) {
        guard !mailboxes.isEmpty else { return }
        var values: [String] = []
        for mailbox in mailboxes { values.append(try Self.mailbox(mailbox, "a name in \(name)")) }
        raw(name, values.joined(separator: ",\r\n "))
    }

    /// A field of Message-IDs, one on a line.
    mutating func ids(_ name: String, _ ids: [String]) throws(MIMEError) {
        guard !ids.isEmpty else { return }
        guard ids.allSatisfy(MessageID.isValid) else {
            throw MIMEError(
                .invalid,
                "The mail's \(name) has something that can't be a Message-ID (printable ASCII without spaces and angle brackets)."
            )
        }
        raw(name, ids.map { "<\($0)>" }.joined(separator: "\r\n "))
    }

    /// Date.
    mutating func date(_ seconds: Int64) throws(MIMEError) {
        // Years of four digits (RFC 5322 § 3.3).
        guard (0..<253_402_300_800).contains(seconds), let text = oxbow_mime_encode_date(seconds) else {
            throw MIMEError(.invalid, "The mail's date lies before 1970 or after 9999.")
        }
        defer { oxbow_mime_free(text) }
        raw("Date", String(cString: text))
    }

    /// The Autocrypt field: its long last attribute is folded at any place, since white space in it means nothing.
    mutating func autocrypt(_ value: String) throws(MIMEError) {
        guard !value.isEmpty, value.utf8.count <= 60_000, value.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
            throw MIMEError(.invalid, "The Autocrypt value isn't printable ASCII of at most 60,000 characters.")
        }
        guard let key = value.firstRange(of: "keydata=") else {
            throw MIMEError(.invalid, "The Autocrypt value has no keydata.")
        }
        var folded = String(value[..<key.upperBound])
        var rest = value[key.upperBound...].utf8.filter { $0 != 0x20 }[...]
        while !rest.isEmpty {
            folded += "\r\n " + String(decoding: rest.prefix(72), as: UTF8.self)
            rest = rest.dropFirst(72)
        }
        raw("Autocrypt", folded)
    }

    /// A value with parameters.
    mutating func value(_ name: String, _ main: String, _ parameters: [(name: String, value: String)]) throws(MIMEError) {
        var field = "\(name): \(main)"
        for parameter in parameters {
            try Self.check(parameter.value, "an attachment's name")
            field += Self.parameter(parameter.name, parameter.value)
        }
        lines(field)
    }

    /// A value that is known to be harmless.
    mutating func raw(_ name: String, _ value: String) {
        bytes += "\(name): \(value)\r\n".utf8
    }

    /// The end of the header.
    mutating func end() { bytes += "\r\n".utf8 }

    /// GMime folds with LF and ends with one.
    private mutating func lines(_ field: String) {
        for line in field.split(separator: "\n") { bytes += "\(line)\r\n".utf8 }
    }

    private static func check(_ text: String, _ what: String) throws(MIMEError) {
        guard text.utf8.count <= 2048 else { throw MIMEError(.tooBig, "In the mail to write, \(what) is longer than 2,048 bytes.") }
        let isClean = text.unicodeScalars.allSatisfy {
            switch $0.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: $0 == "\t"
            default: true
            }
        }
        guard isClean else {
            throw MIMEError(.invalid, "In the mail to write, \(what) holds a line break or another control character; take it out.")
        }
    }

    private static func mailbox(_ mailbox: Mailbox, _ what: String) throws(MIMEError) -> String {
        guard let name = mailbox.name else { return mailbox.address }
        try check(name, what)
        // Only the name is GMime's: it would turn an `xn--` domain into what it stands for, and back into something else.
        let address = "<\(mailbox.address)>"
        if needsWords(name) || name.utf8.count > longestWord { return words(name) + "\r\n " + address }
        guard !name.trimmed.isEmpty, let text = name.trimmed.withCString(oxbow_mime_encode_phrase) else { return mailbox.address }
        defer { oxbow_mime_free(text) }
        return String(cString: text).split(separator: "\n").joined(separator: "\r\n") + " " + address
    }

    private static func parameter(_ name: String, _ value: String) -> String {
        if value.contains("=?") {
            // As in `text`: RFC 2231 without GMime, which would leave it as it is.
            let hexadecimal = Array("0123456789ABCDEF".utf8)
            let encoded = value.utf8.flatMap { [UInt8(ascii: "%"), hexadecimal[Int($0 >> 4)], hexadecimal[Int($0 & 15)]] }
            let pieces = stride(from: 0, to: encoded.count, by: 60).map {
                String(decoding: encoded[$0..<min($0 + 60, encoded.count)], as: UTF8.self)
            }
            return pieces.enumerated().map { ";\n\t\(name)*\($0)*=" + ($0 == 0 ? "UTF-8''" : "") + $1 }.joined()
        }
        guard let text = name.withCString({ name in value.withCString { oxbow_mime_encode_parameter(name, $0) } }) else { return "" }
        defer { oxbow_mime_free(text) }
        return String(cString: text).trimmed
    }

    /// Whether the text has to be written as encoded words, by us: GMime makes some that are longer than RFC 2047 allows. What looks like an
    /// encoded word and isn't one must be, else it would be decoded.
    private static func needsWords(_ text: String) -> Bool {
        text.contains("=?") || text.utf8.contains { $0 < 0x20 || $0 > 0x7E }
            || text.utf8.split(separator: 0x20).contains { $0.count > longestWord }
    }

    private static let longestWord = 60

    /// The whole text as encoded words of at most 75 characters, one on a line.
    private static func words(_ text: String) -> String {
        var words: [String] = []
        var chunk: [UInt8] = []
        func close() {
            guard !chunk.isEmpty else { return }
            let encoded = TransferEncoding.base64.encode(chunk[...]).trimmedEnd
            words.append("=?UTF-8?B?" + String(decoding: encoded, as: UTF8.self) + "?=")
            chunk = []
        }
        for scalar in text.trimmed.unicodeScalars {
            let bytes = Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            if chunk.count + bytes.count > 42 { close() }
            chunk += bytes
        }
        close()
        return words.joined(separator: "\r\n ")
    }
}

extension [UInt8] {
    /// Without the line ends at the end.
    fileprivate var trimmedEnd: ArraySlice<UInt8> { self[...].trimmed }
}
