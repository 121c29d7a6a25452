public import XMPP

/// Where an account stands: what `oxbow status` shows of it.
public enum AccountState: Hashable, Sendable {
    /// The keyring is being opened, or the first connection made.
    case starting
    /// Logged in with this full JID.
    case online(Address)
    /// Not connected, and trying again; with the reason.
    case offline(SessionFailure)
    /// It can't even try: its keyring, its bots or its store; with what to do. Tried again from time to time.
    case failed(String)
    /// It has been told to stop.
    case stopped

    /// A word for tables and counters.
    public var word: String {
        switch self {
        case .starting: "starting"
        case .online: "online"
        case .offline: "offline"
        case .failed: "failed"
        case .stopped: "stopped"
        }
    }

    /// Why it is not online, if it isn't.
    public var reason: String? {
        switch self {
        case .starting, .online, .stopped: nil
        case .offline(let failure): failure.message
        case .failed(let message): message
        }
    }
}
