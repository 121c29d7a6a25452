extension Mail {
    /// Writes the mail as a MIME entity with CRLF line ends, 7-bit throughout: what is signed and encrypted.
    ///
    /// The root carries all header fields of the conversation and says `protected-headers="v1"`, by which Thunderbird, K-9, mutt, Delta Chat and
    /// others show the inner subject. RFC 9788's `hp="cipher"` isn't said: it promises that HP-Outer tells what stood outside, but the outer
    /// header is the gateway's, and a program that takes fields without HP-Outer for secret ones leaves the thread out of its answers.
    ///
    /// A text stands alone; with files it is the first part of a multipart/mixed. Types `multipart/…` and `message/…` of files, which may not be
    /// encoded, go out as application/octet-stream. Of more than 40 references the first and the last 39 are kept (RFC 5322 § 3.6.4).
    ///
    /// It computes for as long as its size asks for (some milliseconds a MiB): call it from a `@concurrent` function.
    /// - Parameter random: where the boundary comes from.
    /// - Throws: `invalid` for what can't stand in a mail, line breaks and other control characters in a subject, a name or an id above all;
    ///   `tooBig` for a subject or a name over 2,048 bytes.
    public func composed(using random: inout some RandomNumberGenerator) throws(MIMEError) -> [UInt8] {
        guard !to.isEmpty || !cc.isEmpty else { throw MIMEError(.invalid, "The mail to write has no recipient.") }
        let body = Self.encodedText(text)
        var root = FieldWriter()
        try writeConversation(&root)
        guard !attachments.isEmpty else {
            Self.writeTextType(&root, body.encoding, ";\r\n protected-headers=\"v1\"")
            root.end()
            return root.bytes + body.bytes
        }
        // "=_" is in no line of base64 or quoted-printable, so the boundary is in no part.
        let boundary = "=_oxbow_" + Self.hexadecimal(random.next()) + Self.hexadecimal(random.next())
        root.raw("Content-Type", "multipart/mixed; boundary=\"\(boundary)\";\r\n protected-headers=\"v1\"")
        root.end()
        var first = FieldWriter()
        Self.writeTextType(&first, body.encoding, "")
        first.end()
        var result = root.bytes
        result.reserveCapacity(attachments.reduce(body.bytes.count + 4096) { $0 + $1.bytes.count / 3 * 4 + $1.bytes.count / 28 + 1024 })
        let delimiter = Array("--\(boundary)".utf8)
        let lineEnd = Array("\r\n".utf8)
        result += delimiter + lineEnd + first.bytes + body.bytes + lineEnd
        for attachment in attachments {
            result += delimiter + lineEnd
            result += try Self.header(of: attachment)
            result += TransferEncoding.base64.encode(attachment.bytes[...])
            result += lineEnd
        }
        return result + delimiter + "--\r\n".utf8
    }

    /// Writes the mail with the system's random numbers.
    public func composed() throws(MIMEError) -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return try composed(using: &random)
    }

    private func writeConversation(_ writer: inout FieldWriter) throws(MIMEError) {
        writer.raw("MIME-Version", "1.0")
        try writer.mailboxes("From", [from])
        try writer.mailboxes("To", to)
        try writer.mailboxes("Cc", cc)
        if let subject { try writer.text("Subject", subject) }
        try writer.date(date)
        if let messageID { try writer.ids("Message-ID", [messageID]) }
        if let inReplyTo { try writer.ids("In-Reply-To", [inReplyTo]) }
        try writer.ids("References", references.count <= 40 ? references : references.prefix(1) + references.suffix(39))
        if let autoSubmitted { writer.raw("Auto-Submitted", autoSubmitted.rawValue) }
        if let autocrypt { try writer.autocrypt(autocrypt) }
    }

    private static func writeTextType(_ writer: inout FieldWriter, _ encoding: TransferEncoding, _ parameters: String) {
        writer.raw("Content-Type", "text/plain; charset=\"utf-8\"" + parameters)
        writer.raw("Content-Transfer-Encoding", encoding == .base64 ? "base64" : "quoted-printable")
    }

    /// Quoted-printable for text that stays readable in it, base64 for the rest.
    private static func encodedText(_ text: String) -> (encoding: TransferEncoding, bytes: [UInt8]) {
        let lines = PlainText.clean(text)
        let high = lines.utf8.reduce(0) { $0 + ($1 >= 0x80 ? 1 : 0) }
        if high * 4 <= lines.utf8.count { return (.quotedPrintable, TransferEncoding.quotedPrintable.encode(Array(lines.utf8)[...])) }
        let canonical = lines.utf8.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }
        return (.base64, TransferEncoding.base64.encode(canonical[...]))
    }

    private static func header(of attachment: MailAttachment) throws(MIMEError) -> [UInt8] {
        var writer = FieldWriter()
        let type = attachment.type.lowercased()
        guard isMediaType(type) else {
            throw MIMEError(.invalid, "An attachment of the mail to write has no proper media type (type/subtype, without parameters).")
        }
        let isContainer = type.hasPrefix("multipart/") || type.hasPrefix("message/")
        let isText = type.hasPrefix("text/") && String(validating: attachment.bytes, as: UTF8.self) != nil
        try writer.value(
            "Content-Type",
            isContainer ? "application/octet-stream" : type,
            isText ? [(name: "charset", value: "utf-8")] : []
        )
        writer.raw("Content-Transfer-Encoding", "base64")
        try writer.value("Content-Disposition", "attachment", attachment.name.map { [(name: "filename", value: $0)] } ?? [])
        writer.end()
        return writer.bytes
    }

    private static func isMediaType(_ type: String) -> Bool {
        let halves = type.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return halves.count == 2 && type.utf8.count <= 127
            && halves.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0 > 0x20 && $0 < 0x7F && !#"()<>@,;:\"/[]?="#.utf8.contains($0) } }
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
