/// Presence that we send: availability with capabilities, or a step of a subscription (RFC 6121 § 3 and § 4). No status text.
public struct Presence: Hashable, Sendable {
    /// What the presence says.
    public enum Kind: Hashable, Sendable {
        /// We are here. The capabilities' `ver` is added by the session (XEP-0115).
        case available
        /// We are leaving.
        case unavailable
        /// We ask to see somebody's presence.
        case subscribe(Address)
        /// We let somebody see ours.
        case subscribed(Address)
        /// We no longer want to see somebody's.
        case unsubscribe(Address)
        /// We no longer let somebody see ours, or refuse to.
        case unsubscribed(Address)
    }
    /// What the presence says.
    public var kind: Kind

    /// Makes a presence.
    public init(_ kind: Kind) {
        self.kind = kind
    }
}
