/// A mail as a formatter writes it: one text, files beside it, and the header fields that belong to a conversation.
///
/// ``composed(using:)`` makes the MIME entity of it.
public struct Mail: Hashable, Sendable {
    /// The author (From). One mailbox: whoever reads compares it with the key that signed.
    public var from: Mailbox
    /// The recipients (To).
    public var to: [Mailbox]
    /// Those who get a copy (Cc).
    public var cc: [Mailbox]
    /// The subject, without line breaks and other control characters; nil leaves the field out.
    public var subject: String?
    /// When it was written (Date), in seconds since 1970 UTC.
    public var date: Int64
    /// The Message-ID without its angle brackets: `origin-id@example.org`; nil leaves the field out.
    public var messageID: String?
    /// The Message-ID of the mail that this one answers, without angle brackets.
    public var inReplyTo: String?
    /// The Message-IDs of the thread, oldest first, without angle brackets.
    public var references: [String]
    /// The text. Any line ends; it goes out with CRLF.
    public var text: String
    /// The files.
    public var attachments: [MailAttachment]
    /// The value of an Autocrypt field (`addr=…; keydata=…`), printable ASCII; nil leaves the field out.
    public var autocrypt: String?
    /// Says that no person wrote it (RFC 3834); nil leaves the field out.
    public var autoSubmitted: AutoSubmitted?

    /// The values of RFC 3834's field that a sender may use.
    public enum AutoSubmitted: String, Hashable, Sendable {
        /// Made without being asked: an alert, a report.
        case generated = "auto-generated"
        /// Made by a program in answer to a mail.
        case replied = "auto-replied"
    }

    /// Makes a mail.
    public init(
        from: Mailbox,
        to: [Mailbox],
        cc: [Mailbox] = [],
        subject: String? = nil,
        date: Int64,
        messageID: String? = nil,
        inReplyTo: String? = nil,
        references: [String] = [],
        text: String,
        attachments: [MailAttachment] = [],
        autocrypt: String? = nil,
        autoSubmitted: AutoSubmitted? = nil
    ) {
        self.from = from
        self.to = to
        self.cc = cc
        self.subject = subject
        self.date = date
        self.messageID = messageID
        self.inReplyTo = inReplyTo
        self.references = references
        self.text = text
        self.attachments = attachments
        self.autocrypt = autocrypt
        self.autoSubmitted = autoSubmitted
    }
}
