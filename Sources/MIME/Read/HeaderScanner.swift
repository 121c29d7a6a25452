/// Reads a header (RFC 5322 § 2.2) strictly: what is no field, a NUL or a lone CR in it is refused, since readers differ about where a
/// header with such things ends.
struct HeaderScanner {
    /// The fields in their order.
    let fields: [Entity.Field]
    /// Where the body begins.
    let end: Int

    init(_ source: [UInt8], _ range: Range<Int>, limits: MailLimits) throws(MIMEError) {
        var fields: [Entity.Field] = []
        var lines = LineScanner(source, range)
        var start = range.lowerBound
        var last = range.lowerBound
        while let line = lines.next() {
            let isFolded = !line.isEmpty && (source[line.lowerBound] == 0x20 || source[line.lowerBound] == 0x09)
            if !isFolded {
                if start < last { fields.append(try Self.field(source[start..<last], limits)) }
                start = line.lowerBound
            } else if start == last {
                throw MIMEError(.malformed, "A header of the mail begins with a continuation line.")
            }
            guard lines.position - range.lowerBound <= limits.headerBytes else {
                throw MIMEError(.tooBig, "A header of the mail is longer than \(limits.headerBytes) bytes.")
            }
            guard lines.position - start <= limits.fieldBytes else {
                throw MIMEError(.tooBig, "A header field of the mail is longer than \(limits.fieldBytes) bytes.")
            }
            guard fields.count <= limits.fields else {
                throw MIMEError(.tooMany, "A header of the mail has more than \(limits.fields) fields.")
            }
            if line.isEmpty {
                self.fields = fields
                end = lines.position
                return
            }
            last = lines.position
        }
        // A part may be a header alone.
        if start < last { fields.append(try Self.field(source[start..<last], limits)) }
        self.fields = fields
        end = range.upperBound
    }

    private static func field(_ bytes: ArraySlice<UInt8>, _ limits: MailLimits) throws(MIMEError) -> Entity.Field {
        guard bytes.count <= limits.fieldBytes else {
            throw MIMEError(.tooBig, "A header field of the mail is longer than \(limits.fieldBytes) bytes.")
        }
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else {
            throw MIMEError(.malformed, "A header of the mail has a line that is no field.")
        }
        // White space before the colon is an obsolete form that must be read (RFC 5322 § 4.5), else `From :` would hide a second author.
        let name = bytes[..<colon].trimmed
        guard !name.isEmpty, name.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw MIMEError(.malformed, "A header of the mail has a field without a proper name.")
        }
        var value: [UInt8] = []
        let raw = bytes[(colon + 1)...].trimmed
        value.reserveCapacity(raw.count)
        for (index, byte) in zip(raw.indices, raw) {
            switch byte {
            case 0x0D:
                guard index + 1 < raw.endIndex, raw[index + 1] == 0x0A else {
                    throw MIMEError(.malformed, "A header field of the mail has a lone CR in it.")
                }
            case 0x0A: continue
            case 0: throw MIMEError(.malformed, "A header field of the mail has a NUL in it.")
            default: value.append(byte)
            }
        }
        let text = String(validating: value, as: UTF8.self) ?? Charset.windows1252(value)
        return Entity.Field(name: String(decoding: name, as: UTF8.self).lowercased(), value: text)
    }
}

/// Lines that end with CRLF or LF; the last one may have no end.
struct LineScanner {
    private let source: [UInt8]
    private let end: Int
    /// Where the next line begins.
    private(set) var position: Int

    init(_ source: [UInt8], _ range: Range<Int>) {
        self.source = source
        position = range.lowerBound
        end = range.upperBound
    }

    /// The next line without its end.
    mutating func next() -> Range<Int>? {
        guard position < end else { return nil }
        let start = position
        guard let feed = ByteSearch.lineFeed(source, start..<end) else {
            position = end
            return start..<end
        }
        position = feed + 1
        return start..<(feed > start && source[feed - 1] == 0x0D ? feed - 1 : feed)
    }
}

extension ArraySlice<UInt8> {
    /// Without spaces, tabs, CR and LF at both ends.
    var trimmed: ArraySlice<UInt8> {
        var slice = self
        while let first = slice.first, first == 0x20 || first == 0x09 || first == 0x0D || first == 0x0A { slice.removeFirst() }
        while let last = slice.last, last == 0x20 || last == 0x09 || last == 0x0D || last == 0x0A { slice.removeLast() }
        return slice
    }
}
