import OpenPGP
import XMPP

/// What several sources say about the keys of one person behind a gateway, and what becomes of it (R20). A value without IO.
///
/// The order is: the configuration, the operator, the Web Key Directory, the gateway, Autocrypt. What the configuration or the operator
/// has decided is never changed by the others. At first sight a key counts if every source that names keys names it; sources that
/// disagree have their keys held, and the operator is told. Later, a key is held once a source above its own names others.
struct VouchBook: Sendable {
    /// What one source names; never empty.
    struct Reading: Hashable, Sendable {
        var source: Pin.Source
        var keys: [Fingerprint]
    }

    let peer: Address
    let policy: TrustPolicy
    private(set) var keys: PeerKeys

    init(_ keys: PeerKeys, peer: Address, policy: TrustPolicy) {
        self.peer = peer
        self.policy = policy
        self.keys = keys
    }

    private var isFirstSight: Bool { !keys.pins.contains { $0.standing != .refused } }

    /// The keys that have to be in the keyring under this policy.
    func wanted(of readings: [Reading]) -> [Fingerprint] {
        var wanted: [Fingerprint] = []
        for fingerprint in readings.flatMap(\.keys) where !wanted.contains(fingerprint) {
            let pin = pin(fingerprint)
            let isWanted =
                switch policy {
                case .tofu: isFirstSight ? pin == nil : pin.map { policy.trusts($0, of: peer) } ?? false
                case .pinned: policy.names(fingerprint, of: peer)
                case .blind: pin?.standing != .refused
                }
            if isWanted { wanted.append(fingerprint) }
        }
        return Array(wanted.prefix(PinBook.keyLimit))
    }

    /// Takes in what the sources say.
    ///
    /// - Parameters:
    ///   - readings: The sources that name keys.
    ///   - findings: What became of the keys that were ``wanted(of:)``.
    /// - Returns: What the operator should hear of.
    mutating func read(_ readings: [Reading], findings: [Fingerprint: PinBook.Finding], at now: Int64) -> [KeyEvent] {
        let isFirstSight = isFirstSight
        let agreed = readings.dropFirst().reduce(Set(readings.first?.keys ?? [])) { $0.intersection($1.keys) }
        var events: [KeyEvent] = []
        var added: [Fingerprint] = []
        var held: [Fingerprint] = []
        for index in keys.pins.indices { events += follow(index, readings, findings) }
        for (fingerprint, source) in named(by: readings) where pin(fingerprint) == nil {
            guard keys.pins.count < PinBook.pinLimit else { break }
            let isCurrent = findings[fingerprint] == .current
            let decision: (Pin.Standing, Pin.Source)? =
                switch policy {
                case .tofu where !isFirstSight || !agreed.contains(fingerprint): (.held, source)
                case .tofu: isCurrent ? (.trusted, source) : nil
                case .pinned where policy.names(fingerprint, of: peer): isCurrent ? (.trusted, .configuration) : nil
                case .pinned: (.held, source)
                case .blind: isCurrent ? (.trusted, source) : nil
                }
            guard let (standing, source) = decision else { continue }
            keys.pins.append(Pin(fingerprint: fingerprint, standing: standing, source: source, firstSeen: now, announced: true))
            if standing == .trusted { added.append(fingerprint) } else { held.append(fingerprint) }
        }
        keys.lastRead = now
        if !added.isEmpty { events.append(pinned(added)) }
        if !held.isEmpty { events.append(self.held(held, readings)) }
        return events
    }

    /// Takes in a key that a mail brought (Autocrypt); it is in the keyring. It never replaces another (R27).
    ///
    /// - Returns: What the operator should hear of; nothing if the key was known.
    mutating func learn(_ fingerprint: Fingerprint, at now: Int64) -> [KeyEvent] {
        guard pin(fingerprint) == nil, keys.pins.count < PinBook.pinLimit else { return [] }
        if case .pinned = policy { return [] }
        let isTrusted = policy == .blind || isFirstSight
        keys.pins.append(
            Pin(fingerprint: fingerprint, standing: isTrusted ? .trusted : .held, source: .autocrypt, firstSeen: now, announced: true)
        )
        return [isTrusted ? pinned([fingerprint]) : held([fingerprint], [Reading(source: .autocrypt, keys: [fingerprint])])]
    }

    /// What the sources do to a key that is known.
    private mutating func follow(
        _ index: Int,
        _ readings: [Reading],
        _ findings: [Fingerprint: PinBook.Finding]
    ) -> [KeyEvent] {
        let pin = keys.pins[index]
        let fingerprint = pin.fingerprint
        let namedBy = readings.filter { $0.keys.contains(fingerprint) }.map(\.source)
        if case .spoiled(let reason) = findings[fingerprint], pin.standing == .trusted {
            keys.pins[index].standing = .held
            return [
                KeyEvent(
                    .spoiled,
                    peer: peer,
                    fingerprints: [fingerprint],
                    message: "the key \(fingerprint) of \(peer) is no longer acceptable and is held: \(reason)"
                )
            ]
        }
        if case .pinned = policy, policy.names(fingerprint, of: peer), findings[fingerprint] == .current, pin.standing == .held {
            keys.pins[index].standing = .trusted
            keys.pins[index].source = .configuration
            keys.pins[index].announced = true
            return []
        }
        if policy == .blind, pin.standing == .held, findings[fingerprint] == .current { keys.pins[index].standing = .trusted }
        guard pin.source.rank < Pin.Source.operatorSaid.rank else {
            keys.pins[index].announced = true
            return []
        }
        // A source above the one that brought the key confirms it, or names others.
        let above = readings.filter { $0.source.rank > pin.source.rank }
        if let best = namedBy.max(by: { $0.rank < $1.rank }), best.rank > pin.source.rank { keys.pins[index].source = best }
        if policy != .blind, pin.standing == .trusted, above.contains(where: { !$0.keys.contains(fingerprint) }) {
            keys.pins[index].standing = .held
            return [held([fingerprint], readings)]
        }
        if !namedBy.isEmpty {
            keys.pins[index].announced = true
        } else if readings.contains(where: { $0.source == pin.source }) || policy == .blind, keys.pins[index].announced {
            // Its own source names others now.
            keys.pins[index].announced = false
            guard pin.standing == .trusted else { return [] }
            return [
                KeyEvent(
                    .gone,
                    peer: peer,
                    fingerprints: [fingerprint],
                    message: "\(pin.source.words) no longer names \(fingerprint) for \(peer); nothing is encrypted to it any more"
                )
            ]
        }
        return []
    }

    /// The keys with the best source of each, in order of first mention.
    private func named(by readings: [Reading]) -> [(Fingerprint, Pin.Source)] {
        var named: [(Fingerprint, Pin.Source)] = []
        for reading in readings.sorted(by: { $0.source.rank > $1.source.rank }) {
            for fingerprint in reading.keys where !named.contains(where: { $0.0 == fingerprint }) {
                named.append((fingerprint, reading.source))
            }
        }
        return named
    }

    private func pin(_ fingerprint: Fingerprint) -> Pin? { keys.pins.first { $0.fingerprint == fingerprint } }

    private func pinned(_ fingerprints: [Fingerprint]) -> KeyEvent {
        let words = fingerprints.map { fingerprint in "\(fingerprint) (\((pin(fingerprint)?.source ?? .gatewayVouched).words))" }
        return KeyEvent(
            .pinned,
            peer: peer,
            fingerprints: fingerprints,
            message: "\(peer) is now known by \(words.joined(separator: ", "))"
        )
    }

    private func held(_ fingerprints: [Fingerprint], _ readings: [Reading]) -> KeyEvent {
        let said = readings.map { "\($0.source.words) names \($0.keys.map(\.hex).joined(separator: ", "))" }
        return KeyEvent(
            .held,
            peer: peer,
            fingerprints: fingerprints,
            message: "keys of \(peer) are held, since what is known of them doesn't agree: \(said.joined(separator: "; ")). "
                + "If one is theirs: oxbow keys trust \(peer) FINGERPRINT"
        )
    }
}

extension Pin.Source {
    /// The order of R20.
    var rank: Int {
        switch self {
        case .configuration: 5
        case .operatorSaid: 4
        case .webKeyDirectory: 3
        case .gatewayVouched: 2
        case .autocrypt: 1
        case .firstSight, .blind: 0
        }
    }

    /// The source in a sentence.
    var words: String {
        switch self {
        case .configuration: "the configuration"
        case .operatorSaid: "the operator"
        case .webKeyDirectory: "the Web Key Directory"
        case .gatewayVouched: "the gateway"
        case .autocrypt: "a mail's Autocrypt field"
        case .firstSight, .blind: "an earlier reading"
        }
    }
}
