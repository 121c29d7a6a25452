public import OpenPGP
public import XMPP

/// One key that an account knows for a peer.
public struct Pin: Hashable, Sendable {
    /// How far the key is trusted by this account.
    public enum Standing: String, Sendable {
        /// Used for encryption, and its signatures are accepted.
        case trusted
        /// Seen, but not used until the operator says so (R15).
        case held
        /// The operator has refused it.
        case refused
    }
    /// Where the standing comes from.
    public enum Source: String, Sendable {
        /// Pinned at first sight (`trust: tofu`).
        case firstSight = "first-sight"
        /// Said by the operator with `oxbow keys`.
        case operatorSaid = "operator"
        /// Named in the configuration.
        case configuration
        /// Whatever PEP said (`trust: blind`).
        case blind
        /// Found in the Web Key Directory of a mail address: the provider of the mailbox vouches for it (R20).
        case webKeyDirectory = "web-key-directory"
        /// Only a gateway says that it is the key of somebody behind it (R20): encrypted to, but it commands nothing.
        case gatewayVouched = "gateway"
        /// Learnt from a mail's Autocrypt field (R20, R27): encrypted to, but it commands nothing.
        case autocrypt

        /// Whether nobody but a gateway, or a mail itself, vouches for the key. Such a key may be encrypted to; its signatures authorise
        /// nothing until the operator says so (R20).
        public var isMerelyVouched: Bool { self == .gatewayVouched || self == .autocrypt }
    }
    /// The key.
    public var fingerprint: Fingerprint
    /// How far it is trusted.
    public var standing: Standing
    /// Where that comes from.
    public var source: Source
    /// When it was first seen, in seconds since 1970.
    public var firstSeen: Int64
    /// Whether the peer's list named it when it was last read; encryption goes only to keys that are still listed (R15).
    public var announced: Bool

    /// Makes a pin.
    public init(fingerprint: Fingerprint, standing: Standing, source: Source, firstSeen: Int64, announced: Bool) {
        self.fingerprint = fingerprint
        self.standing = standing
        self.source = source
        self.firstSeen = firstSeen
        self.announced = announced
    }
}

/// What an account remembers about a peer's keys.
public struct PeerKeys: Hashable, Sendable {
    /// The pins in order of first sight.
    public var pins: [Pin]
    /// When the peer's list was last read with success, in seconds since 1970; `nil` if never.
    public var lastRead: Int64?

    /// Makes a memory of a peer.
    public init(pins: [Pin] = [], lastRead: Int64? = nil) {
        self.pins = pins
        self.lastRead = lastRead
    }
}

/// The memory of pins, by account and peer (both bare JIDs). OxbowSQLite keeps it on disk, OxbowTesting in memory.
public protocol PinStore: Sendable {
    /// What is known about a peer; empty if nothing.
    func peerKeys(account: Address, peer: Address) async throws -> PeerKeys
    /// Replaces what is known about a peer, durably, in one transaction.
    func setPeerKeys(_ keys: PeerKeys, account: Address, peer: Address) async throws
    /// The peers of an account that something is known about.
    func peers(account: Address) async throws -> [Address]
    /// The fingerprint of the account's own key (S12), or `nil` before the first start.
    func ownKey(account: Address) async throws -> Fingerprint?
    /// Remembers the account's own key, durably.
    func setOwnKey(_ fingerprint: Fingerprint, account: Address) async throws
}
