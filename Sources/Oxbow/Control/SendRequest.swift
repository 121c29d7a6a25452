public import FoundationEssentials

/// A text to be sent.
public struct SendRequest: Hashable, Sendable, Codable {
    /// The account that sends (bare JID); `nil` if there is only one.
    public var from: String?
    /// The recipients (bare JIDs), each of whom gets a message of their own (R8).
    public var to: [String]
    /// The text.
    public var text: String
    /// How long to try, in seconds.
    public var timeout: Double
    /// Whether it is enough that the message is safe on disk: the daemon then tries until its end (`--queue`, R14). `nil` is no.
    public var queue: Bool?
    /// The message's subject, for recipients behind a gateway.
    public var subject: String?
    /// Files that go with it, for recipients behind a gateway.
    public var files: [File]?
    /// What stays the same when the same request is made again (HTTP's `Idempotency-Key`), at most 256 bytes; with ``queue`` only. The ids of
    /// the messages follow from it, the recipient and the content, so that asking the same again sends nothing and gets the same ids, for as
    /// long as the outbox remembers (a week after they are settled). Another content under the same key is another message.
    public var key: String?

    /// A file.
    public struct File: Hashable, Sendable, Codable {
        /// Its name, without folders.
        public var name: String
        /// Its media type.
        public var type: String
        /// Its content.
        public var data: Data

        /// Makes a file.
        public init(name: String, type: String, data: Data) {
            self.name = name
            self.type = type
            self.data = data
        }
    }

    /// Makes a request.
    public init(
        from: String? = nil,
        to: [String],
        text: String,
        timeout: Double,
        queue: Bool? = nil,
        subject: String? = nil,
        files: [File]? = nil,
        key: String? = nil
    ) {
        self.key = key
        self.queue = queue
        self.subject = subject
        self.files = files
        self.from = from
        self.to = to
        self.text = text
        self.timeout = timeout
    }

    /// The longest text, in bytes: a stanza of it stays below what servers take (R11).
    public static let textLimit = 128 * 1024
}

/// What became of a text.
public struct SendReport: Hashable, Sendable, Codable {
    /// An outcome for each recipient, in the order of the request.
    public var outcomes: [SendOutcome]

    /// Makes a report.
    public init(_ outcomes: [SendOutcome]) { self.outcomes = outcomes }
}

/// What became of a text for one recipient (R10, R14).
public struct SendOutcome: Hashable, Sendable, Codable {
    /// How far it got.
    public enum State: String, Sendable, Codable {
        /// It is safe on disk, and will be tried until its end.
        case accepted
        /// The account's own server has acknowledged it.
        case sent
        /// It has not left.
        case notSent = "not sent"
        /// It was handed over, but no acknowledgement came in time.
        case unknown
    }
    /// The recipient.
    public var to: String
    /// How far it got.
    public var state: State
    /// The id of an accepted message, for `oxbow outbox show`.
    public var id: String?
    /// Why it isn't `sent`, and what to do about it.
    public var error: ControlError?

    /// Makes an outcome.
    public init(to: String, state: State, id: String? = nil, error: ControlError? = nil) {
        self.id = id
        self.to = to
        self.state = state
        self.error = error
    }
}
