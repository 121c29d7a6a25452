public import OpenPGP
public import XMPP

// What opening and sealing ask.
extension KeyDirectory {
    /// The keys of a peer by what their signatures are worth. For the account itself that is its own key.
    func signers(of peer: Address) async throws -> Signers {
        var signers = Signers()
        if peer == account {
            if let own = try await pins.ownKey(account: account) { signers.trusted[own] = .configuration }
            return signers
        }
        for pin in policy(for: peer).relevant(try await pins.peerKeys(account: account, peer: peer)).pins {
            if policy(for: peer).trusts(pin, of: peer) {
                signers.trusted[pin.fingerprint] = pin.source
            } else {
                signers.distrusted.insert(pin.fingerprint)
            }
        }
        return signers
    }

    /// Whether a key in the keyring carries the peer's address now (S3b); it did when it was admitted.
    ///
    /// - Throws: ``OpenRefusal`` with reason `failure` if the keyring can't be read.
    func carries(_ fingerprint: Fingerprint, _ peer: Address) async throws(OpenRefusal) -> Bool {
        let found: KeyInfo?
        do {
            found = try await engine.key(fingerprint)
        } catch {
            throw OpenRefusal(.failure, "the signer's key can't be looked up: \((error as? OpenPGPError)?.message ?? "the engine failed")")
        }
        guard let info = found else { return false }
        return info.userIDs.contains { admission.rule.accepts($0, for: peer) }
    }

    /// Judges the signatures of a message of a peer (S2–S4, S3b).
    ///
    /// - Parameter mayReread: Whether the peer's keys may be read anew if the signer is unknown (R15).
    /// - Returns: The signer, and where trust in its key comes from; `nil` if the keys were read anew: then the engine has to look at the
    ///   message again.
    /// - Throws: ``OpenRefusal``.
    public func judge(
        _ signatures: [SignatureInfo],
        of peer: Address,
        mayReread: Bool
    ) async throws(OpenRefusal) -> (signer: Fingerprint, source: Pin.Source)? {
        let peer = peer.bare
        let signers: Signers
        do {
            signers = try await self.signers(of: peer)
        } catch {
            throw OpenRefusal(.failure, "the store of trusted keys can't be read: \(error)")
        }
        if mayReread, signers.lacks(signatures), try await rereadForUnknownSigner(of: peer) { return nil }
        let (signer, source) = try signers.judge(signatures)
        guard try await carries(signer, peer) else {
            throw OpenRefusal(.wrongSigner, "signed by \(signer), which doesn't carry the address of the sender")
        }
        return (signer, source)
    }

    /// The account's own key; `nil` before the first start.
    ///
    /// - Throws: ``SealError`` with code `store`.
    public func ownFingerprint() async throws(SealError) -> Fingerprint? {
        try await stored { try await pins.ownKey(account: account) }
    }

    /// Whether somebody is behind a gateway of this account.
    func isBehindGateway(_ peer: Address) -> Bool { gateways[peer.domainAddress] != nil }

    /// Whether a key that the operator has decided on for somebody behind a gateway is at hand.
    func hasDecidedKey(_ keys: PeerKeys, _ peer: Address) async -> Bool {
        guard isBehindGateway(peer) else { return false }
        for pin in keys.pins where isDecided(pin) {
            if (try? await engine.key(pin.fingerprint)) != nil { return true }
        }
        return false
    }

    /// Whether a pin is the operator's own word.
    func isDecided(_ pin: Pin) -> Bool { pin.standing == .trusted && (pin.source == .operatorSaid || pin.source == .configuration) }

    /// Whom to encrypt to: our own key, and all keys of the peer that are trusted, announced and valid (E9).
    ///
    /// - Parameter peer: A bare JID.
    /// - Throws: ``SealError`` with code `noUsableKey`, `interrupted`, `noOwnKey` or `store`.
    public func recipients(for peer: Address) async throws(SealError) -> (own: Fingerprint, all: [Fingerprint]) {
        guard let own = try await stored({ try await pins.ownKey(account: account) }) else {
            throw SealError(.noOwnKey, "\(account) has no key of its own yet")
        }
        if peer == account { return (own, [own]) }
        await readIfStale(peer, policy(for: peer).relevant(try await stored { try await pins.peerKeys(account: account, peer: peer) }))
        let keys = policy(for: peer).relevant(try await stored { try await pins.peerKeys(account: account, peer: peer) })
        let (usable, problems) = try await usableKeys(keys, of: peer)
        guard !usable.isEmpty else {
            if case .interrupted(let reason) = memories[peer].outcome {
                throw SealError(.interrupted, "the keys of \(peer) can't be looked up now: \(reason)")
            }
            tellNoneLeft(peer, problems.joined(separator: "; "))
            throw SealError(.noUsableKey, "no usable key of \(peer)", problems: problems)
        }
        memories[peer].toldNoneLeft = false
        return (own, usable.contains(own) ? usable : usable + [own])
    }

    private func usableKeys(_ keys: PeerKeys, of peer: Address) async throws(SealError) -> (usable: [Fingerprint], problems: [String]) {
        let now = clock()
        let memory = memories[peer]
        var problems: [String] = []
        switch memory.outcome {
        case .read, nil: break
        case .unreadable(let reason), .interrupted(let reason): problems.append("its list can't be read: \(reason)")
        }
        var silence: String?
        if let last = keys.lastRead, now - last > limits.unreadable {
            silence = "its list has not been readable for \((now - last) / 86_400) days"
            // Behind a gateway no list is the person's own word: what the operator has decided stays.
            guard isBehindGateway(peer) else { return ([], problems + (silence.map { [$0] } ?? [])) }
            problems += silence.map { [$0] } ?? []
        }
        var usable: [Fingerprint] = []
        for pin in keys.pins where silence == nil || isDecided(pin) {
            if let problem = try await problem(with: pin, of: peer, at: now) {
                problems.append("\(pin.fingerprint) \(problem)")
            } else {
                usable.append(pin.fingerprint)
            }
        }
        for (fingerprint, reason) in memory.problems.sorted(by: { $0.key < $1.key }) where !usable.contains(fingerprint) {
            problems.append("\(fingerprint): \(reason)")
        }
        if problems.isEmpty { problems.append("it announces none") }
        return (usable, problems)
    }

    /// What keeps a key from being encrypted to.
    ///
    /// - Throws: ``SealError`` with code `engine` if the keyring can't be read: that is no problem of the key's, and soon tried again.
    private func problem(with pin: Pin, of peer: Address, at now: Int64) async throws(SealError) -> String? {
        guard policy(for: peer).trusts(pin, of: peer) else {
            switch pin.standing {
            case .refused: return "is refused by the operator"
            case .held: return "is held; if it is theirs: oxbow keys trust \(peer) \(pin.fingerprint)"
            case .trusted: return "is not trusted under the account's policy"
            }
        }
        guard pin.announced || (isBehindGateway(peer) && isDecided(pin)) else { return "is no longer announced" }
        let found: KeyInfo?
        do {
            found = try await engine.key(pin.fingerprint)
        } catch {
            throw SealError(.engine, "the keyring can't be read: \((error as? OpenPGPError)?.message ?? "the engine failed")")
        }
        guard let info = found else { return "is not in the keyring" }
        if let reason = info.unusable { return "can't be used: \(reason)" }
        if let expires = info.expires, expires <= now { return "has expired" }
        guard info.userIDs.contains(where: { admission.rule.accepts($0, for: peer) }) else { return "doesn't carry \(peer)" }
        return nil
    }

    private func stored<Value>(_ body: () async throws -> Value) async throws(SealError) -> Value {
        do {
            return try await body()
        } catch {
            throw SealError(.store, "the store of trusted keys can't be read: \(error)")
        }
    }
}
