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
    /// It computes for as long as the size asks for (about a millisecond a 100 KB): call it from a `@concurrent` function.
    /// - Throws: `malformed`, `ambiguous`, `tooBig`, `tooDeep`, `tooMany`.
    public func read(_ bytes: [UInt8]) throws(MIMEError) -> ReadMail {
        throw MIMEError(.malformed, "Not yet.")
    }
}
