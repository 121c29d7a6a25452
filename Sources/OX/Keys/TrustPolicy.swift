public import OpenPGP
public import XMPP

/// Which of a peer's announced keys an account trusts.
public enum TrustPolicy: Hashable, Sendable {
    /// The keys first seen for an address are pinned; what comes later is held until the operator has spoken (S13). The default.
    ///
    /// First sight lets the peer's server name any key: where that matters, use ``pinned(_:)``.
    case tofu
    /// Only these keys, by bare JID. The operator's words in the configuration are the only ones that count.
    case pinned([Address: Set<Fingerprint>])
    /// Whatever PEP says, at any time. For demonstrations.
    case blind
}

extension TrustPolicy {
    /// Whether a pin counts under this policy: a changed policy takes effect at once, whatever was pinned under another.
    func trusts(_ pin: Pin, of peer: Address) -> Bool {
        guard pin.standing == .trusted else { return false }
        return switch self {
        case .tofu: pin.source != .blind
        case .pinned: names(pin.fingerprint, of: peer)
        case .blind: true
        }
    }

    /// What is remembered, as far as it counts under this policy: what was followed blindly says nothing once the policy asks for more, so
    /// the next sight is the first.
    func relevant(_ keys: PeerKeys) -> PeerKeys {
        guard self != .blind, keys.pins.contains(where: { $0.source == .blind }) else { return keys }
        return PeerKeys(pins: keys.pins.filter { $0.source != .blind }, lastRead: nil)
    }

    /// Whether the configuration names the key for this peer.
    func names(_ fingerprint: Fingerprint, of peer: Address) -> Bool {
        guard case .pinned(let keys) = self else { return false }
        return keys[peer]?.contains(fingerprint) ?? false
    }
}
