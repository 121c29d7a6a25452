/// One part of a mail as it stands in the bytes: its header's fields, and where its body is. Nothing is decoded or copied.
///
/// Multiparts are taken apart here and not by GMime's parser for two reasons. The limits must hold before anything is built: GMime makes an
/// object of every part, however many there are. And what a signature covers must be the bytes as they stood, found by the same
/// reader that finds what is shown.
struct Entity {
    /// A header field.
    struct Field: Hashable {
        /// In lower case.
        let name: String
        /// Unfolded, without white space at both ends; bytes that are no UTF-8 are taken for windows-1252 (RFC 6532 allows UTF-8).
        let value: String
    }

    /// The mail that it is part of.
    let source: [UInt8]
    /// The fields in their order.
    let fields: [Field]
    /// Where the header begins, and the body ends.
    let whole: Range<Int>
    /// Where the body is.
    let body: Range<Int>

    /// Reads the header of the entity in the range.
    init(_ source: [UInt8], _ range: Range<Int>, limits: MailLimits) throws(MIMEError) {
        self.source = source
        whole = range
        let header = try HeaderScanner(source, range, limits: limits)
        fields = header.fields
        body = header.end..<range.upperBound
    }

    /// The values of a field.
    func values(_ name: String) -> [String] { fields.lazy.filter { $0.name == name }.map(\.value) }

    /// The Content-Type. A second one that says the same in essence is passed over (Libervia's mails have it); one that says something else is
    /// refused, since another reader may take that one.
    func contentType() throws(MIMEError) -> ParameterValue {
        let types = values("content-type").map(ParameterValue.contentType)
        guard let first = types.first else { return .plainText }
        for name in ["boundary", "protocol"] {
            guard !types.contains(where: { $0.isAmbiguous(name) || $0.main != first.main || $0[name] != first[name] }) else {
                throw MIMEError(.ambiguous, "A part of the mail has two different Content-Types.")
            }
        }
        return first
    }

    /// The Content-Transfer-Encoding.
    func transferEncoding() throws(MIMEError) -> TransferEncoding {
        let encodings = values("content-transfer-encoding").map { TransferEncoding(named: $0) }
        guard Set(encodings).count < 2 else {
            throw MIMEError(.ambiguous, "A part of the mail has two different Content-Transfer-Encodings.")
        }
        return encodings.first ?? .identity
    }

    /// The body, decoded.
    func content() throws(MIMEError) -> [UInt8] { try transferEncoding().decode(source[body]) }

    /// The parts of a multipart (RFC 2046 § 5.1.1); what stands before the first and behind the last belongs to none and isn't looked at.
    /// - Parameters:
    ///   - boundary: the parameter of the Content-Type.
    ///   - counter: counts the parts of the whole mail.
    func parts(_ boundary: String?, counter: inout PartCounter) throws(MIMEError) -> [Entity] {
        guard try transferEncoding() == .identity else {
            throw MIMEError(.malformed, "A multipart of the mail has a transfer encoding, which RFC 2045 § 6.4 doesn't allow.")
        }
        guard let boundary, (1...70).contains(boundary.utf8.count), !boundary.hasSuffix(" ") else {
            throw MIMEError(.malformed, "A multipart of the mail has no boundary, or one that RFC 2046 doesn't allow.")
        }
        var parts: [Entity] = []
        var scanner = BoundaryScanner(source, body, boundary: boundary)
        while let range = try scanner.next() {
            try counter.count()
            parts.append(try Entity(source, range, limits: counter.limits))
        }
        guard !parts.isEmpty else { throw MIMEError(.malformed, "A multipart of the mail has no parts.") }
        return parts
    }
}

/// Counts the parts of one mail.
struct PartCounter {
    let limits: MailLimits
    private var parts = 1

    init(_ limits: MailLimits) { self.limits = limits }

    mutating func count() throws(MIMEError) {
        parts += 1
        guard parts <= limits.parts else { throw MIMEError(.tooMany, "The mail has more than \(limits.parts) parts.") }
    }
}
