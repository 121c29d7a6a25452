/// What is to be done after an event. Messages and changes of one event belong into one batch: all of them, or none.
public enum AlertAction: Sendable, Hashable {
    /// Accept this message into the outbox.
    case message(Posting)
    /// Remember this.
    case remember(AlertChange)
    /// Make a silence through the alert manager's API, and tell ``ConversationMachine/silenced(_:_:now:)`` what came of it.
    case silence(SilenceRequest)
    /// End a silence through the alert manager's API, and tell ``ConversationMachine/unsilenced(_:_:now:)`` what came of it.
    case unsilence(UnsilenceRequest)
    /// Count that nothing was sent, and why.
    case counted(AlertCount)
    /// Call ``ConversationMachine/tick(now:)`` at this time, in seconds since 1970. The last one counts.
    case wake(at: Int64)

    /// Whether the alert manager is asked for something.
    var isRequest: Bool {
        switch self {
        case .silence, .unsilence: true
        default: false
        }
    }
}

/// A message to one recipient (R8).
public struct Posting: Sendable, Hashable {
    /// Who gets it.
    public var recipient: Contact
    /// The thread.
    public var thread: String?
    /// The text.
    public var text: String
    /// The stanza's id. It follows from what the message is about, so that an event which is handled twice makes the same ids.
    public var id: String
    /// The id of the message that it corrects (XEP-0308), if it does.
    public var replaces: String?
    /// The conversation's number, if it belongs to one.
    public var conversation: Int?

    /// Makes a message.
    public init(recipient: Contact, thread: String?, text: String, id: String, replaces: String? = nil, conversation: Int? = nil) {
        self.recipient = recipient
        self.thread = thread
        self.text = text
        self.id = id
        self.replaces = replaces
        self.conversation = conversation
    }
}

/// Why nothing was sent, for metrics.
public enum AlertCount: String, Sendable, Hashable, CaseIterable {
    /// The same request within the route's `dedupe` (R28), or a command that was obeyed already.
    case repeated
    /// A reminder or update of what somebody sees to (R28).
    case acknowledged
    /// A reminder or update to somebody who muted; they are told how many it were.
    case muted
    /// A storm: it is in the next count.
    case folded
    /// A resolution without an open conversation, which its source wants told only with one.
    case notOpen = "not-open"
    /// A resolution of a conversation that is closed already.
    case closed
    /// A heartbeat: it is heard, not told.
    case heartbeat
    /// A command by somebody who may give none.
    case refused
    /// A message came to nobody: the route has no recipients.
    case nobody
    /// An event of a route that the configuration doesn't have.
    case noRoute = "no-route"
    /// A message couldn't be delivered to an address.
    case unreachable
}
