import OpenPGP
public import XMPP

// Following peers' lists.
extension KeyDirectory {
    /// Reads a peer's list now, whatever was read before: for an operator, or at a subscription's approval.
    ///
    /// - Returns: `nil`, or why the list can't be read.
    @discardableResult
    public func refresh(_ peer: Address) async -> String? {
        switch await read(peer.bare) {
        case .read: nil
        case .unreadable(let reason), .interrupted(let reason): reason
        }
    }

    /// Takes notice of a changed list (T11), and reads it if ``noticed(_:)`` says so.
    public func notified(_ notification: KeyNotification) async {
        if await noticed(notification) { await refresh(notification.owner) }
    }

    /// Takes notice of a changed list without waiting for any reading, so that a notice which follows another closely is known before the
    /// message that comes behind it. Peers that nothing is known about are ignored.
    ///
    /// - Returns: Whether the list should be read now: at most once in ``Limits/notice``; else it is read before its next use.
    public func noticed(_ notification: KeyNotification) async -> Bool {
        let peer = notification.owner
        guard !notification.isOwn, peer != account else { return false }
        let known = try? await pins.peerKeys(account: account, peer: peer)
        // Also while it is read for the first time: what is being read may be the list before the change.
        guard memories[peer].outcome != nil || memories[peer].isReading || known != PeerKeys() else { return false }
        let now = clock()
        memories[peer].isDirty = true
        if let noticed = memories[peer].noticed, noticed <= now, now - noticed < limits.notice { return false }
        memories[peer].noticed = now
        return true
    }

    /// R15: an unknown signer leads to one reading of the sender's list in five minutes.
    ///
    /// - Returns: Whether a list was read, so that another look at the signature is worth it.
    /// - Throws: ``OpenRefusal`` with reason `failure` if something of ours kept it from being read: a signer may then be known later.
    func rereadForUnknownSigner(of peer: Address) async throws(OpenRefusal) -> Bool {
        guard peer != account else { return false }
        let now = clock()
        // A notice that runs ahead of the message by which it was caused: its reading, begun or not, is shared rather than counted.
        let isFollowed = memories[peer].isDirty || memories[peer].isReading
        if let last = memories[peer].unknownSigner, last <= now, now - last < limits.unknownSigner, !isFollowed { return false }
        memories[peer].unknownSigner = now
        switch await read(peer) {
        case .read: return true
        case .unreadable: return false
        case .interrupted(let reason):
            memories[peer].unknownSigner = nil
            throw OpenRefusal(.failure, "the signer is unknown, and the sender's list of keys can't be read now: \(reason)")
        }
    }

    /// Reads the list unless that was done within the hour, or has just failed.
    func readIfStale(_ peer: Address, _ known: PeerKeys) async {
        let now = clock()
        let memory = memories[peer]
        if !memory.isDirty {
            if let last = known.lastRead, last <= now, now - last < limits.fresh, !lacksConfiguredKey(known, peer) { return }
            // Where the operator has spoken, sources that say nothing are not asked over and over.
            let patience = await hasDecidedKey(known, peer) ? limits.fresh : limits.failure
            if case .unreadable = memory.outcome, let attempted = memory.attempted, attempted <= now, now - attempted < patience {
                return
            }
        }
        _ = await read(peer)
    }

    /// Whether the configuration names keys that are not pinned yet; looked for once a ``Limits/failure``.
    private func lacksConfiguredKey(_ known: PeerKeys, _ peer: Address) -> Bool {
        guard case .pinned(let keys) = policy(for: peer), let wanted = keys[peer] else { return false }
        let now = clock()
        if let attempted = memories[peer].attempted, attempted <= now, now - attempted < limits.failure { return false }
        return !wanted.isSubset(of: known.pins.filter { policy(for: peer).trusts($0, of: peer) }.map(\.fingerprint))
    }

    /// Reads the list of a peer, brings wanted keys into the keyring, and updates the pins; those who ask while that is going on share it.
    private func read(_ peer: Address) async -> PeerMemory.Outcome {
        let before = memories[peer].readings
        return await turns.take(peer) {
            if memories[peer].readings != before, !memories[peer].isDirty, let outcome = memories[peer].outcome { return outcome }
            memories[peer].isDirty = false
            memories[peer].isReading = true
            let outcome =
                if let gateway = gateways[peer.domainAddress] { await readSources(of: peer, gateway) } else { await readNow(peer) }
            memories[peer].isReading = false
            memories[peer].outcome = outcome
            memories[peer].attempted = clock()
            memories[peer].used = clock()
            memories[peer].readings += 1
            return outcome
        }
    }

    private func readNow(_ peer: Address) async -> PeerMemory.Outcome {
        guard let fetcher else { return .interrupted("not connected") }
        let list: PublicKeysList
        do {
            list = try await fetcher.list(of: peer)
        } catch {
            guard !error.isOurs else { return .interrupted(error.reason) }
            if !memories[peer].toldUnreadable {
                memories[peer].toldUnreadable = true
                tell(KeyEvent(.unreadable, peer: peer, message: "the list of keys of \(peer) can't be read: \(error.reason)"))
            }
            return .unreadable(error.reason)
        }
        memories[peer].toldUnreadable = false
        let known: PeerKeys
        do {
            known = try await pins.peerKeys(account: account, peer: peer)
        } catch {
            return .interrupted("the store of trusted keys can't be read: \(error)")
        }
        var book = PinBook(known, peer: peer, policy: policy(for: peer))
        let findings: [Fingerprint: PinBook.Finding]
        do {
            findings = try await look(at: book.wanted(of: list.entries), of: peer, fetcher)
        } catch {
            return error.isOurs ? .interrupted(error.reason) : .unreadable(error.reason)
        }
        let events = book.read(list.entries, findings: findings, at: clock())
        do {
            try await pins.setPeerKeys(book.keys, account: account, peer: peer)
        } catch {
            return .interrupted("the store of trusted keys can't be written: \(error)")
        }
        for event in events { tell(event) }
        let usable = book.keys.pins.contains { $0.announced && policy(for: peer).trusts($0, of: peer) }
        if usable {
            memories[peer].toldNoneLeft = false
        } else if !known.pins.isEmpty {
            tellNoneLeft(peer, "none of the keys that \(peer) announces is trusted")
        }
        return .read
    }

    /// Brings the keys of a list into the keyring, where they aren't in it in that form already.
    private func look(
        at entries: [PublicKeysList.Entry],
        of peer: Address,
        _ fetcher: KeyFetcher
    ) async throws(KeyFetcher.Failure) -> [Fingerprint: PinBook.Finding] {
        var findings: [Fingerprint: PinBook.Finding] = [:]
        var dates: [Fingerprint: String] = [:]
        for entry in entries {
            let info = try await knownKey(entry.fingerprint)
            let isUnchanged = entry.date != nil && memories[peer].dates[entry.fingerprint] == entry.date
            if isUnchanged, info != nil {
                findings[entry.fingerprint] = .current
                dates[entry.fingerprint] = entry.date
                continue
            }
            let finding = try await fetcher.bring(entry.fingerprint, spelling: entry.spelling, of: peer, isKnown: info != nil)
            findings[entry.fingerprint] = finding
            switch finding {
            case .current: dates[entry.fingerprint] = entry.date
            case .spoiled: break
            case .failed(let reason):
                if memories[peer].problems[entry.fingerprint] != reason {
                    tell(
                        KeyEvent(
                            .rejected,
                            peer: peer,
                            fingerprints: [entry.fingerprint],
                            message: "the key \(entry.fingerprint) that \(peer) announces is not used: \(reason)"
                        )
                    )
                }
            }
        }
        memories[peer].dates = dates
        memories[peer].problems = findings.compactMapValues { if case .failed(let reason) = $0 { reason } else { nil } }
        return findings
    }

    /// What the keyring has of a key. One that can't be looked up now must not count as new: its revocation would be turned away.
    func knownKey(_ fingerprint: Fingerprint) async throws(KeyFetcher.Failure) -> KeyInfo? {
        do {
            return try await engine.key(fingerprint)
        } catch {
            throw KeyFetcher.Failure(reason: (error as? OpenPGPError)?.message ?? "the OpenPGP engine failed", isOurs: true)
        }
    }

    func tellNoneLeft(_ peer: Address, _ reason: String) {
        guard !memories[peer].toldNoneLeft else { return }
        memories[peer].toldNoneLeft = true
        tell(KeyEvent(.noneLeft, peer: peer, message: "no usable key of \(peer) is left, messages to it wait: \(reason)"))
    }
}
