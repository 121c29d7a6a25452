public import OpenPGP
public import XMPP

/// What one account knows about the keys of its peers: discovery by PEP, checks, trust, and the operator's words.
///
/// Pins live in the ``PinStore``, certificates in the account's keyring; in memory is only what may be lost. The directory never searches
/// a key by name, and never imports one that it isn't going to use. It serves any number of peers at once, and one reading at a time
/// for each; whether a peer is worth any request is the account's decision, made before (R3).
public actor KeyDirectory {
    /// How often lists are read, and for how long what they said holds. All in seconds but the time of a request.
    public struct Limits: Hashable, Sendable {
        /// A list older than this is read again before sealing (R15).
        public var fresh: Int64
        /// An unknown signer leads to one reading of the sender's list in this time (R15).
        public var unknownSigner: Int64
        /// Notices lead to at most one reading of a peer's list in this time.
        public var notice: Int64
        /// After a reading that failed, the next is tried at the earliest after this time.
        public var failure: Int64
        /// For how long pins stay in use when the list can't be read (R15).
        public var unreadable: Int64
        /// How long one request may take.
        public var request: Duration
        /// How many peers are remembered in memory.
        public var peers: Int

        /// Makes limits; the defaults are R15's, and one reading a minute at most.
        public init(
            fresh: Int64 = 3600,
            unknownSigner: Int64 = 300,
            notice: Int64 = 30,
            failure: Int64 = 60,
            unreadable: Int64 = 7 * 86_400,
            request: Duration = .seconds(20),
            peers: Int = 2048
        ) {
            self.fresh = fresh
            self.unknownSigner = unknownSigner
            self.notice = notice
            self.failure = failure
            self.unreadable = unreadable
            self.request = request
            self.peers = peers
        }
    }

    /// The account's bare JID.
    public nonisolated let account: Address
    /// The account's trust policy.
    public nonisolated let policy: TrustPolicy
    let engine: any OpenPGPEngine
    let pins: any PinStore
    let admission: KeyAdmission
    let fetcher: KeyFetcher?
    let limits: Limits
    let clock: @Sendable () -> Int64
    let tell: @Sendable (KeyEvent) -> Void
    let turns = Turns()
    var memories: PeerMemories

    /// Makes a directory for one account.
    ///
    /// - Parameters:
    ///   - account: The account; its bare JID is used.
    ///   - engine: The account's keyring.
    ///   - session: Where lists and keys are fetched; without one, only what is known already is used.
    ///   - pins: The memory of pins.
    ///   - policy: Which announced keys are trusted.
    ///   - rule: Which User IDs bind a key to an address.
    ///   - clock: The time in seconds since 1970.
    ///   - events: Hears what an operator should know. It is called on the directory's actor and must return at once.
    public init(
        account: Address,
        engine: any OpenPGPEngine,
        session: (any Session)?,
        pins: any PinStore,
        policy: TrustPolicy,
        rule: UserIDRule = .xmpp,
        limits: Limits = Limits(),
        clock: @escaping @Sendable () -> Int64,
        events: @escaping @Sendable (KeyEvent) -> Void = { _ in }
    ) {
        self.account = account.bare
        self.engine = engine
        self.pins = pins
        let admission = KeyAdmission(engine: engine, rule: rule)
        self.admission = admission
        self.fetcher = session.map { KeyFetcher(pep: PEP(session: $0, timeout: limits.request), admission: admission) }
        self.policy = policy
        self.limits = limits
        self.clock = clock
        self.tell = events
        self.memories = PeerMemories(limit: limits.peers)
    }
}

// MARK: Following lists

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

    /// Takes notice of a changed list (T11). Peers that nothing is known about are ignored; each one is read at most once in
    /// ``Limits/notice``, else before the next use.
    public func notified(_ notification: KeyNotification) async {
        let peer = notification.owner
        guard !notification.isOwn, peer != account else { return }
        let known = try? await pins.peerKeys(account: account, peer: peer)
        guard memories[peer].outcome != nil || known != PeerKeys() else { return }
        let now = clock()
        memories[peer].isDirty = true
        if let noticed = memories[peer].noticed, noticed <= now, now - noticed < limits.notice { return }
        memories[peer].noticed = now
        _ = await read(peer)
    }

    /// R15: an unknown signer leads to one reading of the sender's list in five minutes.
    ///
    /// - Returns: Whether a list was read, so that another look at the signature is worth it.
    /// - Throws: ``OpenRefusal`` with reason `failure` if something of ours kept it from being read: a signer may then be known later.
    func rereadForUnknownSigner(of peer: Address) async throws(OpenRefusal) -> Bool {
        guard peer != account else { return false }
        let now = clock()
        if let last = memories[peer].unknownSigner, last <= now, now - last < limits.unknownSigner, !memories[peer].isDirty { return false }
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
    private func readIfStale(_ peer: Address, _ known: PeerKeys) async {
        let now = clock()
        let memory = memories[peer]
        if !memory.isDirty {
            if let last = known.lastRead, last <= now, now - last < limits.fresh, !lacksConfiguredKey(known, peer) { return }
            if case .unreadable = memory.outcome, let attempted = memory.attempted, attempted <= now, now - attempted < limits.failure {
                return
            }
        }
        _ = await read(peer)
    }

    /// Whether the configuration names keys that are not pinned yet; looked for once a ``Limits/failure``.
    private func lacksConfiguredKey(_ known: PeerKeys, _ peer: Address) -> Bool {
        guard case .pinned(let keys) = policy, let wanted = keys[peer] else { return false }
        if let attempted = memories[peer].attempted, clock() - attempted < limits.failure { return false }
        return !wanted.isSubset(of: known.pins.filter { policy.trusts($0, of: peer) }.map(\.fingerprint))
    }

    /// Reads the list of a peer, brings wanted keys into the keyring, and updates the pins; those who ask while that is going on share it.
    private func read(_ peer: Address) async -> PeerMemory.Outcome {
        let before = memories[peer].readings
        return await turns.take(peer) {
            if memories[peer].readings != before, !memories[peer].isDirty, let outcome = memories[peer].outcome { return outcome }
            memories[peer].isDirty = false
            let outcome = await readNow(peer)
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
        var book = PinBook(known, peer: peer, policy: policy)
        let findings = await look(at: book.wanted(of: list.entries), of: peer, fetcher)
        let events = book.read(list.entries, findings: findings, at: clock())
        do {
            try await pins.setPeerKeys(book.keys, account: account, peer: peer)
        } catch {
            return .interrupted("the store of trusted keys can't be written: \(error)")
        }
        for event in events { tell(event) }
        let usable = book.keys.pins.contains { $0.announced && policy.trusts($0, of: peer) }
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
    ) async -> [Fingerprint: PinBook.Finding] {
        var findings: [Fingerprint: PinBook.Finding] = [:]
        var dates: [Fingerprint: String] = [:]
        for entry in entries {
            let info = try? await engine.key(entry.fingerprint)
            let isUnchanged = entry.date != nil && memories[peer].dates[entry.fingerprint] == entry.date
            if isUnchanged, info != nil {
                findings[entry.fingerprint] = .current
                dates[entry.fingerprint] = entry.date
                continue
            }
            let finding = await fetcher.bring(entry.fingerprint, spelling: entry.spelling, of: peer, isKnown: info != nil)
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

    private func tellNoneLeft(_ peer: Address, _ reason: String) {
        guard !memories[peer].toldNoneLeft else { return }
        memories[peer].toldNoneLeft = true
        tell(KeyEvent(.noneLeft, peer: peer, message: "no usable key of \(peer) is left, messages to it wait: \(reason)"))
    }
}

// MARK: Using keys

extension KeyDirectory {
    /// The keys of a peer by what their signatures are worth. For the account itself that is its own key.
    func signers(of peer: Address) async throws -> Signers {
        var signers = Signers()
        if peer == account {
            if let own = try await pins.ownKey(account: account) { signers.trusted[own] = .configuration }
            return signers
        }
        for pin in policy.relevant(try await pins.peerKeys(account: account, peer: peer)).pins {
            if policy.trusts(pin, of: peer) {
                signers.trusted[pin.fingerprint] = pin.source
            } else {
                signers.distrusted.insert(pin.fingerprint)
            }
        }
        return signers
    }

    /// Whether a key in the keyring carries the peer's address now (S3b); it did when it was admitted.
    func carries(_ fingerprint: Fingerprint, _ peer: Address) async -> Bool {
        guard let info = try? await engine.key(fingerprint) else { return false }
        return info.userIDs.contains { admission.rule.accepts($0, for: peer) }
    }

    /// Whom to encrypt to: our own key, and all keys of the peer that are trusted, announced and valid (E9).
    func recipients(for peer: Address) async throws(SealError) -> (own: Fingerprint, all: [Fingerprint]) {
        guard let own = try await stored({ try await pins.ownKey(account: account) }) else {
            throw SealError(.noOwnKey, "\(account) has no key of its own yet")
        }
        if peer == account { return (own, [own]) }
        await readIfStale(peer, policy.relevant(try await stored { try await pins.peerKeys(account: account, peer: peer) }))
        let keys = policy.relevant(try await stored { try await pins.peerKeys(account: account, peer: peer) })
        let (usable, problems) = await usableKeys(keys, of: peer)
        guard !usable.isEmpty else {
            tellNoneLeft(peer, problems.joined(separator: "; "))
            throw SealError(.noUsableKey, "no usable key of \(peer)", problems: problems)
        }
        memories[peer].toldNoneLeft = false
        return (own, usable.contains(own) ? usable : usable + [own])
    }

    private func usableKeys(_ keys: PeerKeys, of peer: Address) async -> (usable: [Fingerprint], problems: [String]) {
        let now = clock()
        let memory = memories[peer]
        var problems: [String] = []
        switch memory.outcome {
        case .read, nil: break
        case .unreadable(let reason), .interrupted(let reason): problems.append("its list can't be read: \(reason)")
        }
        if let last = keys.lastRead, now - last > limits.unreadable {
            return ([], problems + ["its list has not been readable for \((now - last) / 86_400) days"])
        }
        var usable: [Fingerprint] = []
        for pin in keys.pins {
            if let problem = await problem(with: pin, of: peer, at: now) {
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

    private func problem(with pin: Pin, of peer: Address, at now: Int64) async -> String? {
        guard policy.trusts(pin, of: peer) else {
            switch pin.standing {
            case .refused: return "is refused by the operator"
            case .held: return "is held; if it is theirs: oxbow keys trust \(peer) \(pin.fingerprint)"
            case .trusted: return "is not trusted under the account's policy"
            }
        }
        guard pin.announced else { return "is no longer announced" }
        guard let info = try? await engine.key(pin.fingerprint) else { return "is not in the keyring" }
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
