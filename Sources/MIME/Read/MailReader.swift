/// Reads a mail, or the MIME entity that was inside an encrypted one, within limits.
public struct MailReader: Sendable {
    /// What a mail may cost.
    public var limits: MailLimits

    /// Makes a reader.
    public init(limits: MailLimits = MailLimits()) {
        self.limits = limits
    }

    /// Reads a mail. Broken encodings and unknown charsets give the replacement character, never an error; a broken structure does.
    ///
    /// The text is the first text/plain part that isn't an attachment (of alternatives the plain one), else the first text/html part turned
    /// into text. Every other part is an attachment; a forwarded mail (message/rfc822) isn't looked into.
    ///
    /// It computes for as long as the size asks for (some milliseconds a MiB): call it from a `@concurrent` function.
    /// - Throws: `malformed`, `ambiguous`, `tooBig`, `tooDeep`, `tooMany`.
    public func read(_ bytes: [UInt8]) throws(MIMEError) -> ReadMail {
        let root = try Self.root(bytes, limits)
        let type = try root.contentType()
        let protection = HeaderProtection(type)
        var walk = PartWalk(limits, protection: protection)
        let content = try walk.contents(of: root, type, depth: 1)
        var mail = ReadMail(header: MailHeader(root, limits: limits), protection: protection, attachments: content.attachments)
        if let plain = content.plain {
            mail.text = plain
            mail.textOrigin = .plain
        } else if let html = content.html {
            mail.text = html
            mail.textOrigin = .html
        }
        return mail
    }

    /// The root of a mail.
    static func root(_ bytes: [UInt8], _ limits: MailLimits) throws(MIMEError) -> Entity {
        guard bytes.count <= limits.bytes else {
            throw MIMEError(.tooBig, "The mail has \(bytes.count) bytes; the limit is \(limits.bytes).")
        }
        return try Entity(bytes, 0..<bytes.count, limits: limits)
    }
}
