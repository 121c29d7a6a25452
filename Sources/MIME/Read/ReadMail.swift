/// A mail as ``MailReader`` found it.
public struct ReadMail: Hashable, Sendable {
    /// The header of the root.
    public var header: MailHeader
    /// Whether the root says that its header fields are the protected ones.
    public var protection: HeaderProtection
    /// The text, UTF-8, lines ended by LF; empty if there is none.
    public var text: String
    /// What the text was made of.
    public var textOrigin: TextOrigin
    /// The files: everything that isn't the text, forwarded mails included (`message/rfc822`).
    public var attachments: [MailAttachment]

    /// Makes one.
    public init(
        header: MailHeader,
        protection: HeaderProtection = .none,
        text: String = "",
        textOrigin: TextOrigin = .none,
        attachments: [MailAttachment] = []
    ) {
        self.header = header
        self.protection = protection
        self.text = text
        self.textOrigin = textOrigin
        self.attachments = attachments
    }

    /// Whether the protected header says that `author` wrote this to `recipient`: the first half of R22's `addressed`, which a signature on what was read,
    /// its time and ``MailHeader/date`` must complete. False when the fields aren't declared protected, or when From, To or Cc leave any doubt.
    public func isAddressed(from author: Mailbox, to recipient: Mailbox) -> Bool {
        protection.isPresent && header.from?.isSame(as: author) == true && header.problems.isDisjoint(with: ["from", "to", "cc"])
            && (header.to + header.cc).contains { $0.isSame(as: recipient) }
    }

    /// Where a mail's text came from.
    public enum TextOrigin: Hashable, Sendable {
        /// There was none.
        case none
        /// A text/plain part.
        case plain
        /// A text/html part, turned into text.
        case html
    }
}

/// What the Content-Type of the root says about the header fields inside of what was signed or encrypted.
public enum HeaderProtection: Hashable, Sendable {
    /// Nothing: fields that stand there may be there by accident.
    case none
    /// `protected-headers="v1"`, as Thunderbird, Enigmail, K-9, mutt and Delta Chat write it.
    case version1
    /// `hp="clear"` (RFC 9788): signed.
    case clear
    /// `hp="cipher"` (RFC 9788): encrypted.
    case cipher

    /// Whether the fields are declared protected.
    public var isPresent: Bool { self != .none }
}
