public import OpenPGP
public import XMPP

/// Something about keys that an operator or an admin should hear of.
public struct KeyEvent: Hashable, Sendable, CustomStringConvertible {
    /// What has happened; more may come.
    public struct Kind: Hashable, Sendable, CustomStringConvertible {
        /// A short, stable name for counters and logs.
        public let description: String
        private init(_ name: String) { description = name }
        /// Keys of a peer were pinned at first sight, or are followed blindly.
        public static let pinned = Kind("pinned")
        /// A peer announces keys that are held until the operator speaks (R15).
        public static let held = Kind("held")
        /// A peer no longer announces keys: nothing is encrypted to them any more.
        public static let gone = Kind("gone")
        /// A peer announces trusted keys again.
        public static let back = Kind("back")
        /// A trusted key was revoked, or its new form fails a check: it is held.
        public static let spoiled = Kind("spoiled")
        /// No usable key of the peer is left: messages to it wait. Admins are told at once.
        public static let noneLeft = Kind("none-left")
        /// The peer's list can't be read; what is pinned stays in use for some days (R15).
        public static let unreadable = Kind("unreadable")
        /// A key that the peer announces was not accepted (S11), or can't be fetched.
        public static let rejected = Kind("rejected")
    }
    /// What has happened.
    public let kind: Kind
    /// Whose keys they are (bare JID).
    public let peer: Address
    /// The keys, if it is about certain ones.
    public let fingerprints: [Fingerprint]
    /// What has happened and what can be done, in a sentence.
    public let message: String

    /// Makes an event.
    public init(_ kind: Kind, peer: Address, fingerprints: [Fingerprint] = [], message: String) {
        self.kind = kind
        self.peer = peer
        self.fingerprints = fingerprints
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
