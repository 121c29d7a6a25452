/// What `oxbow outbox` asks for.
public struct OutboxRequest: Hashable, Sendable, Codable {
    /// What is to be done.
    public enum Action: String, Sendable, Codable {
        /// Messages, oldest first, a page at a time.
        case list
        /// One message.
        case show
        /// Tries one message again at once, be it given up or waiting.
        case retry
        /// Takes one message back, or forgets a dead letter.
        case drop
    }
    /// What is to be done.
    public var action: Action
    /// The account (bare JID); `nil` for all of them, or, with a message's id, whichever has it.
    public var account: String?
    /// The message: its number, or its id.
    public var message: String?
    /// Whether ``Action/list`` also shows what has left, and not only what is open or given up.
    public var isWhole: Bool
    /// For ``Action/list``: only messages with a number above this.
    public var after: Int64
    /// For ``Action/list``: how many at most.
    public var limit: Int

    /// The most that one page may have.
    public static let pageLimit = 500

    /// Makes a request.
    public init(
        _ action: Action,
        account: String? = nil,
        message: String? = nil,
        isWhole: Bool = false,
        after: Int64 = 0,
        limit: Int = OutboxRequest.pageLimit
    ) {
        self.action = action
        self.account = account
        self.message = message
        self.isWhole = isWhole
        self.after = after
        self.limit = limit
    }
}

/// Messages of outboxes: how far each got, and why, without their content.
public struct OutboxReport: Hashable, Sendable, Codable {
    /// One message.
    public struct Item: Hashable, Sendable, Codable {
        /// The store's number for it.
        public var number: Int64
        /// The id of its stanza.
        public var id: String
        /// The account that sends.
        public var account: String
        /// Who gets it.
        public var to: String
        /// How far it got: `accepted`, `held`, `handed`, `sent`, `delivered`, `dead` or `withdrawn` (R10).
        public var state: String
        /// How often it was tried and failed.
        public var attempts: Int
        /// When it was accepted, in seconds since 1970.
        public var accepted: Int64
        /// When it is given up, in seconds since 1970.
        public var expires: Int64
        /// When it is tried again, in seconds since 1970, if it waits.
        public var next: Int64?
        /// When it was sent, delivered, given up or withdrawn, in seconds since 1970.
        public var settled: Int64?
        /// The class of what went wrong last, such as `no-key`.
        public var reason: String?
        /// What went wrong last, in words.
        public var words: String?
        /// How large its sealed stanza is, in bytes.
        public var size: Int?
    }
    /// The messages, in order of number.
    public var items: [Item]
    /// Whether there are no more after these.
    public var isLast: Bool

    /// Makes a report.
    public init(_ items: [Item], isLast: Bool = true) {
        self.items = items
        self.isLast = isLast
    }
}
