import OpenPGP
public import XMPP

// Keys of people behind gateways: several sources, none of which is the person (R20).
extension KeyDirectory {
    /// Asks every source for the keys of somebody behind a gateway, brings wanted ones into the keyring, and updates the pins.
    func readSources(of peer: Address, _ gateway: GatewayKeys) async -> PeerMemory.Outcome {
        guard let fetcher else { return .interrupted("not connected") }
        var readings: [VouchBook.Reading] = []
        var problems: [String] = []
        var certificates: [Fingerprint: [UInt8]] = [:]
        var spellings: [Fingerprint: String] = [:]
        switch await askWebKeyDirectory(gateway, peer) {
        case .success((let fingerprint, let certificate)?):
            certificates[fingerprint] = certificate
            readings.append(VouchBook.Reading(source: .webKeyDirectory, keys: [fingerprint]))
        case .success(nil): break
        case .failure(let failure): problems.append(failure.reason)
        }
        do {
            let entries = try await fetcher.list(of: peer).entries.prefix(PinBook.keyLimit)
            for entry in entries { spellings[entry.fingerprint] = entry.spelling }
            if !entries.isEmpty { readings.append(VouchBook.Reading(source: .gatewayVouched, keys: entries.map(\.fingerprint))) }
        } catch {
            guard !error.isOurs else { return .interrupted(error.reason) }
            problems.append(error.reason)
        }
        guard !readings.isEmpty else {
            let reason = (problems + ["no source names a key"]).joined(separator: "; ")
            // Where the operator has brought the key, there is nothing amiss.
            let known = (try? await pins.peerKeys(account: account, peer: peer)) ?? PeerKeys()
            if !memories[peer].toldUnreadable, !(await hasDecidedKey(known, peer)) {
                memories[peer].toldUnreadable = true
                tell(KeyEvent(.unreadable, peer: peer, message: "no key of \(peer) can be found: \(reason)"))
            }
            return .unreadable(reason)
        }
        memories[peer].toldUnreadable = false
        do {
            var book = VouchBook(try await pins.peerKeys(account: account, peer: peer), peer: peer, policy: policy(for: peer))
            var findings: [Fingerprint: PinBook.Finding] = [:]
            for fingerprint in book.wanted(of: readings) {
                let isKnown = try await knownKey(fingerprint) != nil
                findings[fingerprint] =
                    if let certificate = certificates[fingerprint] {
                        try await admission.admit(certificate, as: fingerprint, for: peer, isKnown: isKnown)
                    } else {
                        try await fetcher.bring(
                            fingerprint,
                            spelling: spellings[fingerprint] ?? fingerprint.hex,
                            of: peer,
                            isKnown: isKnown
                        )
                    }
            }
            noteProblems(findings, of: peer)
            let events = book.read(readings, findings: findings, at: clock())
            try await pins.setPeerKeys(book.keys, account: account, peer: peer)
            for event in events { tell(event) }
            return .read
        } catch let failure as KeyFetcher.Failure {
            return failure.isOurs ? .interrupted(failure.reason) : .unreadable(failure.reason)
        } catch {
            return .interrupted("the store of trusted keys failed: \(error)")
        }
    }

    /// The certificate in the Web Key Directory of somebody behind a gateway, if there is an acceptable one.
    func webKey(_ gateway: GatewayKeys, _ peer: Address) async -> (fingerprint: Fingerprint, certificate: [UInt8])? {
        guard case .success(let found?) = await askWebKeyDirectory(gateway, peer) else { return nil }
        return found
    }

    private func askWebKeyDirectory(
        _ gateway: GatewayKeys,
        _ peer: Address
    ) async -> Result<(Fingerprint, [UInt8])?, KeyFetcher.Failure> {
        guard let webKeys = gateway.webKeys, let mailbox = UserIDRule.mailbox(of: peer) else { return .success(nil) }
        let certificate: [UInt8]
        do {
            guard let found = try await webKeys.certificate(for: mailbox) else { return .success(nil) }
            certificate = found
        } catch {
            return .failure(KeyFetcher.Failure(reason: "its Web Key Directory can't be asked: \(error)"))
        }
        do {
            return .success((try await engine.inspect(certificate).fingerprint, certificate))
        } catch {
            return .failure(
                KeyFetcher.Failure(
                    reason: "what its Web Key Directory has is not accepted: \((error as? OpenPGPError)?.message ?? "the engine failed")"
                )
            )
        }
    }

    private func noteProblems(_ findings: [Fingerprint: PinBook.Finding], of peer: Address) {
        let problems = findings.compactMapValues { if case .failed(let reason) = $0 { reason } else { nil } }
        for (fingerprint, reason) in problems where memories[peer].problems[fingerprint] != reason {
            tell(
                KeyEvent(
                    .rejected,
                    peer: peer,
                    fingerprints: [fingerprint],
                    message: "the key \(fingerprint) named for \(peer) is not used: \(reason)"
                )
            )
        }
        memories[peer].problems = problems
    }

    /// Learns a key of somebody behind a gateway from the Autocrypt field of a mail that may be believed (R27). The other sources are asked
    /// first if that has never been done; a key that is known otherwise is never replaced, and `trust: pinned` learns nothing.
    ///
    /// - Throws: ``KeyDirectoryError`` if the key is not accepted, or the store failed.
    public func learn(_ material: [UInt8], for peer: Address) async throws(KeyDirectoryError) {
        let peer = peer.bare
        guard gateways[peer.domainAddress] != nil else {
            throw KeyDirectoryError(.policy, "keys are learnt from mail only, and \(peer) is behind no gateway of this account")
        }
        if case .pinned = policy(for: peer) { return }
        if try await keys(of: peer).pins.isEmpty { await refresh(peer) }
        let info: KeyInfo
        do {
            info = try await engine.inspect(material)
        } catch {
            throw KeyDirectoryError(
                .rejected,
                "this certificate is not accepted: \((error as? OpenPGPError)?.message ?? "the engine failed")"
            )
        }
        try await turn(peer) { () async throws(KeyDirectoryError) in
            let isKnown = try await self.keys(of: peer).pins.contains { $0.fingerprint == info.fingerprint }
            guard !isKnown else { return }
            try await self.admit(material, as: info.fingerprint, for: peer)
            do {
                var book = VouchBook(
                    try await self.pins.peerKeys(account: self.account, peer: peer),
                    peer: peer,
                    policy: self.policy(for: peer)
                )
                let events = book.learn(info.fingerprint, at: self.clock())
                try await self.pins.setPeerKeys(book.keys, account: self.account, peer: peer)
                for event in events { self.tell(event) }
            } catch {
                throw KeyDirectoryError(.store, "the store of trusted keys failed: \(error)")
            }
        }
    }
}
