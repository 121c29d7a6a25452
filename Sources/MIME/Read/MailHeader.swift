/// The fields of a mail's header that matter to a conversation. What stands twice though it may stand only once, or can't be read, counts as
/// not there and is named in ``problems``: whoever checks a field fails closed.
public struct MailHeader: Hashable, Sendable {
    /// The author: nil unless there is exactly one From field with exactly one mailbox.
    public var from: Mailbox?
    /// Recipients (To).
    public var to: [Mailbox] = []
    /// Those who got a copy (Cc).
    public var cc: [Mailbox] = []
    /// Where answers are asked for (Reply-To).
    public var replyTo: [Mailbox] = []
    /// The subject, decoded, on one line.
    public var subject: String?
    /// When it was written, in seconds since 1970 UTC.
    public var date: Int64?
    /// The Message-ID without its angle brackets.
    public var messageID: String?
    /// The Message-IDs that it answers, without angle brackets.
    public var inReplyTo: [String] = []
    /// The Message-IDs of its thread, oldest first, without angle brackets.
    public var references: [String] = []
    /// The values of all Autocrypt fields, unfolded.
    public var autocrypt: [String] = []
    /// Why it counts as sent by a program or a list and must never be answered (R22); nil for a person's mail.
    public var automatic: AutomaticMail?
    /// The names, in lower case, of fields that stand more than once though they may not, or that can't be read.
    public var problems: Set<String> = []

    /// Makes an empty header.
    public init() {}

    /// Whether a program or a list sent it: never to be answered (R22).
    public var isAutomatic: Bool { automatic != nil }
}

/// What marks a mail as sent by a program or a list.
public enum AutomaticMail: String, Hashable, Sendable {
    /// Auto-Submitted with another value than `no` (RFC 3834).
    case autoSubmitted = "auto-submitted"
    /// List-Id, or another field of lists (RFC 2919, RFC 2369).
    case list = "list"
    /// Precedence bulk, junk, list or auto_reply.
    case precedence = "precedence"
    /// Return-Path is `<>`: a bounce or another report.
    case nullSender = "null-sender"
}
