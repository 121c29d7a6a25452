/// What became of a request that was accepted: each is answered with a status of the 200 class.
public enum HookOutcome: Sendable, Hashable {
    /// Messages were accepted, so many, in the conversation of this number if it is of one.
    case told(messages: Int, conversation: Int?)
    /// The same was told before (R28).
    case repeated
    /// A storm, or too many open conversations: it is in the next count.
    case folded
    /// A reminder or update of what somebody sees to.
    case acknowledged
    /// Everybody whom it would be told has muted it.
    case muted
    /// A heartbeat: it is heard, not told.
    case heartbeat
    /// There was nothing to tell, for this reason.
    case nothing(String)

    /// A word for metrics, logs and answers, always one of a few.
    public var word: String {
        switch self {
        case .told: "told"
        case .repeated: "repeated"
        case .folded: "folded"
        case .acknowledged: "acknowledged"
        case .muted: "muted"
        case .heartbeat: "heartbeat"
        case .nothing: "nothing"
        }
    }
}
