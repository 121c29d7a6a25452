import OpenPGP
import XMPP

/// What a reading of a peer's list does to what is known about the peer (R15, S13). A value without IO.
struct PinBook: Sendable {
    /// What became of a key that the list names, when it was looked at.
    enum Finding: Hashable, Sendable {
        /// It is in the keyring, as the peer publishes it now.
        case current
        /// A key that was accepted before fails a check in its present form: it is revoked, or no longer carries the address.
        case spoiled(String)
        /// It can't be fetched, or isn't accepted; what is in the keyring stays as it was.
        case failed(String)
    }

    let peer: Address
    let policy: TrustPolicy
    private(set) var keys: PeerKeys

    /// The most keys of one list that are fetched.
    static let keyLimit = 16
    /// The most pins that are kept for one peer; a peer's server could else fill the store.
    static let pinLimit = 64

    init(_ keys: PeerKeys, peer: Address, policy: TrustPolicy) {
        self.peer = peer
        self.policy = policy
        self.keys = policy.relevant(keys)
    }

    /// The entries whose keys have to be in the keyring under this policy.
    func wanted(of entries: [PublicKeysList.Entry]) -> [PublicKeysList.Entry] {
        let wanted = entries.filter { entry in
            let pin = pin(entry.fingerprint)
            return switch policy {
            case .tofu: keys.pins.isEmpty || pin.map { policy.trusts($0, of: peer) } ?? false
            case .pinned: policy.names(entry.fingerprint, of: peer)
            case .blind: pin?.standing != .refused
            }
        }
        // A long list must not push out the keys that are pinned already.
        let known = wanted.filter { pin($0.fingerprint) != nil }
        return Array((known + wanted.filter { pin($0.fingerprint) == nil }).prefix(Self.keyLimit))
    }

    /// Takes in a list that was read with success.
    ///
    /// - Returns: What the operator should hear of.
    mutating func read(_ entries: [PublicKeysList.Entry], findings: [Fingerprint: Finding], at now: Int64) -> [KeyEvent] {
        let isFirstSight = keys.pins.isEmpty
        let listed = Set(entries.map(\.fingerprint))
        var events: [KeyEvent] = []
        var added: [Fingerprint] = []
        var held: [Fingerprint] = []
        var back: [Fingerprint] = []
        for entry in entries {
            let fingerprint = entry.fingerprint
            let finding = findings[fingerprint]
            if let index = keys.pins.firstIndex(where: { $0.fingerprint == fingerprint }) {
                let wasTrusted = policy.trusts(keys.pins[index], of: peer)
                if !keys.pins[index].announced && wasTrusted && keys.lastRead != nil { back.append(fingerprint) }
                keys.pins[index].announced = true
                if case .spoiled(let reason) = finding, keys.pins[index].standing == .trusted {
                    keys.pins[index].standing = .held
                    events.append(
                        KeyEvent(
                            .spoiled,
                            peer: peer,
                            fingerprints: [fingerprint],
                            message: "the key \(fingerprint) of \(peer) is no longer acceptable and is held: \(reason)"
                        )
                    )
                } else if finding == .current {
                    promote(index)
                }
                continue
            }
            guard keys.pins.count < Self.pinLimit || makeRoom() else { break }
            switch standing(firstSight: isFirstSight, fingerprint, finding) {
            case .some((let standing, let source)):
                keys.pins.append(Pin(fingerprint: fingerprint, standing: standing, source: source, firstSeen: now, announced: true))
                if standing == .trusted { added.append(fingerprint) } else { held.append(fingerprint) }
            case .none: continue
            }
        }
        let gone = withdraw(besides: listed)
        keys.lastRead = now
        return events + describe(added: added, held: held, gone: gone, back: back)
    }

    /// What a key that was not known before becomes; `nil` if it isn't remembered.
    private func standing(firstSight: Bool, _ fingerprint: Fingerprint, _ finding: Finding?) -> (Pin.Standing, Pin.Source)? {
        switch policy {
        case .tofu:
            guard firstSight else { return (.held, .firstSight) }
            return finding == .current ? (.trusted, .firstSight) : nil
        case .pinned:
            guard policy.names(fingerprint, of: peer) else { return (.held, .firstSight) }
            return finding == .current ? (.trusted, .configuration) : nil
        case .blind:
            return finding == .current ? (.trusted, .blind) : nil
        }
    }

    /// A known key is in the keyring and on the list: the configuration, or blindness, may lift it.
    private mutating func promote(_ index: Int) {
        let pin = keys.pins[index]
        guard pin.standing == .held else { return }
        switch policy {
        case .tofu: return
        case .pinned:
            guard policy.names(pin.fingerprint, of: peer) else { return }
            keys.pins[index].standing = .trusted
            keys.pins[index].source = .configuration
        case .blind:
            keys.pins[index].standing = .trusted
            keys.pins[index].source = .blind
        }
    }

    /// Keys that the list no longer names are not encrypted to any more; they stay pinned (S13), but for those that were followed blindly.
    private mutating func withdraw(besides listed: Set<Fingerprint>) -> [Fingerprint] {
        var gone: [Fingerprint] = []
        for index in keys.pins.indices where keys.pins[index].announced && !listed.contains(keys.pins[index].fingerprint) {
            if policy.trusts(keys.pins[index], of: peer) { gone.append(keys.pins[index].fingerprint) }
            keys.pins[index].announced = false
            if keys.pins[index].source == .blind, keys.pins[index].standing == .trusted { keys.pins[index].standing = .held }
        }
        return gone
    }

    /// Forgets the oldest key that is neither trusted nor refused.
    private mutating func makeRoom() -> Bool {
        guard let index = keys.pins.firstIndex(where: { $0.standing == .held && !$0.announced }) else { return false }
        keys.pins.remove(at: index)
        return true
    }

    private func pin(_ fingerprint: Fingerprint) -> Pin? { keys.pins.first { $0.fingerprint == fingerprint } }

    private func describe(added: [Fingerprint], held: [Fingerprint], gone: [Fingerprint], back: [Fingerprint]) -> [KeyEvent] {
        func list(_ fingerprints: [Fingerprint]) -> String { fingerprints.map(\.hex).joined(separator: ", ") }
        let parts: [(KeyEvent.Kind, [Fingerprint], String)] = [
            (.pinned, added, "\(peer) is now known by \(list(added))"),
            (.held, held, "\(peer) announces \(list(held)), which is held; if it is theirs: oxbow keys trust \(peer) FINGERPRINT"),
            (.gone, gone, "\(peer) no longer announces \(list(gone)); nothing is encrypted to it any more"),
            (.back, back, "\(peer) announces \(list(back)) again"),
        ]
        return parts.filter { !$0.1.isEmpty }.map { KeyEvent($0.0, peer: peer, fingerprints: $0.1, message: $0.2) }
    }
}
