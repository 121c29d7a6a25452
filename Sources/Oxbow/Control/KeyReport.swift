public import OX
import OpenPGP

/// The keys that an account knows.
public struct KeyReport: Hashable, Sendable, Codable {
    /// The account (bare JID).
    public var account: String
    /// Its own key's fingerprint, once it has one.
    public var own: String?
    /// What it knows of its peers, ordered by address.
    public var peers: [Peer]

    /// Makes a report.
    public init(account: String, own: String?, peers: [Peer]) {
        self.account = account
        self.own = own
        self.peers = peers
    }

    /// What is known about one peer.
    public struct Peer: Hashable, Sendable, Codable {
        /// The peer (bare JID).
        public var jid: String
        /// When its list of keys was last read, in seconds since 1970.
        public var lastRead: Int64?
        /// Its keys in order of first sight.
        public var keys: [Key]

        /// Makes a report of a peer.
        public init(jid: String, lastRead: Int64?, keys: [Key]) {
            self.jid = jid
            self.lastRead = lastRead
            self.keys = keys
        }
    }

    /// One key.
    public struct Key: Hashable, Sendable, Codable {
        /// Its fingerprint.
        public var fingerprint: String
        /// How far it is trusted: `trusted`, `held` or `refused`.
        public var standing: String
        /// Where that comes from: `first-sight`, `operator`, `configuration`, `blind`, `web-key-directory`, `gateway` or `autocrypt`.
        public var source: String
        /// When it was first seen, in seconds since 1970.
        public var firstSeen: Int64
        /// Whether the peer's list named it when it was last read.
        public var announced: Bool
        /// Why it can't be used although it may be trusted: expired, revoked, not in the keyring; `nil` if it can.
        public var unusable: String?

        /// Makes a report of a key.
        public init(fingerprint: String, standing: String, source: String, firstSeen: Int64, announced: Bool, unusable: String? = nil) {
            self.fingerprint = fingerprint
            self.standing = standing
            self.source = source
            self.firstSeen = firstSeen
            self.announced = announced
            self.unusable = unusable
        }

        /// Makes a report of a pin.
        public init(_ pin: Pin, unusable: String? = nil) {
            self.init(
                fingerprint: pin.fingerprint.hex,
                standing: pin.standing.rawValue,
                source: pin.source.rawValue,
                firstSeen: pin.firstSeen,
                announced: pin.announced,
                unusable: unusable
            )
        }
    }
}
