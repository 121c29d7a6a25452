public import OX
public import OpenPGP
public import XMPP

/// Pins that are forgotten at the end of the process; otherwise it behaves as OxbowSQLite's.
public actor MemoryPinStore: PinStore {
    private var known: [Address: [Address: PeerKeys]] = [:]
    private var own: [Address: Fingerprint] = [:]

    /// Makes an empty store.
    public init() {}

    /// What is known about a peer; empty if nothing.
    public func peerKeys(account: Address, peer: Address) -> PeerKeys {
        known[account.bare]?[peer.bare] ?? PeerKeys()
    }

    /// Replaces what is known about a peer; empty keys forget it.
    public func setPeerKeys(_ keys: PeerKeys, account: Address, peer: Address) {
        known[account.bare, default: [:]][peer.bare] = keys == PeerKeys() ? nil : keys
    }

    /// The peers of an account that something is known about, in alphabetical order.
    public func peers(account: Address) -> [Address] {
        (known[account.bare] ?? [:]).keys.sorted { $0.description.utf8.lexicographicallyPrecedes($1.description.utf8) }
    }

    /// The fingerprint of the account's own key (S12), or `nil` before the first start.
    public func ownKey(account: Address) -> Fingerprint? { own[account.bare] }

    /// Remembers the account's own key.
    public func setOwnKey(_ fingerprint: Fingerprint, account: Address) {
        own[account.bare] = fingerprint
    }
}
