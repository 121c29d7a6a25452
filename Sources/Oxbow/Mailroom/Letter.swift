public import XMPP

/// A text for one recipient (R8), as other parts of the process give it to an account.
public struct Letter: Hashable, Sendable {
    /// Who gets it; may be a JID behind a gateway. Compared in full, so give bare JIDs.
    public var recipient: Address
    /// The text. What is too long for a stanza becomes several messages (R11), the first under ``id``, the next under `id-2` and so on.
    public var text: String
    /// The subject, for recipients behind a gateway.
    public var subject: String?
    /// The thread (RFC 6121 § 5.2.5); goes inside the encryption.
    public var thread: String?
    /// The stanza's id. An account has one message of an id: accepting it again changes nothing.
    public var id: String
    /// The id of the message that this one corrects (XEP-0308). Stands inside the encryption only. It is left out when the text has to be
    /// split, so that the whole of it is a new message.
    public var replaces: String?
    /// When it is given up, in seconds since 1970; `nil` is after a week.
    public var expires: Int64?

    /// Makes a letter.
    public init(
        to recipient: Address,
        _ text: String,
        id: String,
        subject: String? = nil,
        thread: String? = nil,
        replaces: String? = nil,
        expires: Int64? = nil
    ) {
        self.recipient = recipient
        self.text = text
        self.subject = subject
        self.thread = thread
        self.id = id
        self.replaces = replaces
        self.expires = expires
    }
}

/// What became of a letter, or of any other message of an outbox, that needs somebody's attention.
public struct LetterOutcome: Hashable, Sendable {
    /// What it is.
    public enum Kind: Hashable, Sendable {
        /// It was given up. The reason is a fixed word, as in `oxbow_dead_letters_total`.
        case dead(reason: String)
        /// It waits for the operator: there is no key, or a gateway has gone back on what it said. It goes by itself when that is mended.
        case held(reason: String)
    }
    /// The account that sends it (bare JID).
    public var account: Address
    /// The stanza's id; a piece of a long text has the letter's with its number behind a dash.
    public var id: String
    /// Who was to get it.
    public var recipient: Address
    /// What became of it.
    public var kind: Kind

    /// Makes an outcome.
    public init(account: Address, id: String, recipient: Address, kind: Kind) {
        self.account = account
        self.id = id
        self.recipient = recipient
        self.kind = kind
    }
}

/// Says that something was sent to somebody which is no letter.
public struct OtherMessage: Hashable, Sendable {
    /// The account that sends it (bare JID).
    public var account: Address
    /// Who gets it (bare JID).
    public var recipient: Address

    /// Makes a notice.
    public init(account: Address, recipient: Address) {
        self.account = account.bare
        self.recipient = recipient.bare
    }
}
