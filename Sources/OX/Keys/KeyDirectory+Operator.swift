public import OpenPGP
public import XMPP

extension KeyDirectory {
    /// Everything that is known about peers, by bare JID in alphabetical order.
    ///
    /// - Throws: ``KeyDirectoryError`` with code `store`.
    public func list() async throws(KeyDirectoryError) -> [(peer: Address, keys: PeerKeys)] {
        do {
            var result: [(peer: Address, keys: PeerKeys)] = []
            for peer in try await pins.peers(account: account).sorted(by: { $0.description < $1.description }) {
                result.append((peer, try await pins.peerKeys(account: account, peer: peer)))
            }
            return result
        } catch {
            throw storeFailure(error)
        }
    }

    /// What is known about one peer.
    ///
    /// - Throws: ``KeyDirectoryError`` with code `store`.
    public func keys(of peer: Address) async throws(KeyDirectoryError) -> PeerKeys {
        do {
            return try await pins.peerKeys(account: account, peer: peer.bare)
        } catch {
            throw storeFailure(error)
        }
    }

    /// The operator trusts a key of a peer. It is fetched if it isn't in the keyring yet, and must carry the peer's address.
    ///
    /// - Throws: ``KeyDirectoryError``.
    @discardableResult
    public func trust(_ fingerprint: Fingerprint, of peer: Address) async throws(KeyDirectoryError) -> Pin {
        let peer = peer.bare
        guard policyAllows(fingerprint, of: peer) else { throw policyForbids(peer) }
        return try await turn(peer) { () async throws(KeyDirectoryError) -> Pin in
            let known = try? await self.engine.key(fingerprint)
            if known?.userIDs.contains(where: { self.admission.rule.accepts($0, for: peer) }) != true || known?.unusable != nil {
                try await self.fetch(fingerprint, of: peer)
            }
            return try await self.put(fingerprint, of: peer, .trusted, announced: nil)
        }
    }

    /// The operator refuses a key of a peer: nothing is encrypted to it, its signatures count for nothing, and no later list changes that.
    ///
    /// - Throws: ``KeyDirectoryError`` with code `store`.
    @discardableResult
    public func untrust(_ fingerprint: Fingerprint, of peer: Address) async throws(KeyDirectoryError) -> Pin {
        let peer = peer.bare
        return try await turn(peer) { () async throws(KeyDirectoryError) -> Pin in
            try await self.put(fingerprint, of: peer, .refused, announced: nil)
        }
    }

    /// The operator gives a peer's certificate by hand (binary or armored): for peers whose list we may not read (T12).
    ///
    /// It is trusted and used until a list is read that doesn't name it.
    ///
    /// - Throws: ``KeyDirectoryError``.
    @discardableResult
    public func importKey(_ material: [UInt8], for peer: Address) async throws(KeyDirectoryError) -> Pin {
        let peer = peer.bare
        guard let binary = Armor.removed(from: material), binary.count <= PublicKeyItem.materialLimit else {
            throw KeyDirectoryError(.rejected, "this is no OpenPGP certificate of at most 64 KiB")
        }
        let info: KeyInfo
        do {
            info = try await engine.inspect(binary)
        } catch {
            throw KeyDirectoryError(
                .rejected,
                "this certificate is not accepted: \((error as? OpenPGPError)?.message ?? "the engine failed")"
            )
        }
        guard policyAllows(info.fingerprint, of: peer) else { throw policyForbids(peer) }
        return try await turn(peer) { () async throws(KeyDirectoryError) -> Pin in
            try await self.admit(binary, as: info.fingerprint, for: peer)
            return try await self.put(info.fingerprint, of: peer, .trusted, announced: true)
        }
    }

    private func policyAllows(_ fingerprint: Fingerprint, of peer: Address) -> Bool {
        if case .pinned = policy(for: peer) { policy(for: peer).names(fingerprint, of: peer) } else { true }
    }

    private func policyForbids(_ peer: Address) -> KeyDirectoryError {
        KeyDirectoryError(.policy, "\(account) trusts only the fingerprints in its configuration: name the key of \(peer) there")
    }

    private func fetch(_ fingerprint: Fingerprint, of peer: Address) async throws(KeyDirectoryError) {
        guard let fetcher else {
            throw KeyDirectoryError(.notFound, "\(fingerprint) is not in the keyring, and there is no connection to fetch it")
        }
        if let gateway = gateways[peer.domainAddress], let found = await webKey(gateway, peer), found.fingerprint == fingerprint {
            return try await admit(found.certificate, as: fingerprint, for: peer)
        }
        let material: [UInt8]
        do {
            material = try await fetcher.material(fingerprint, spelling: fingerprint.hex, of: peer)
        } catch {
            throw KeyDirectoryError(.notFound, "\(fingerprint) can't be fetched from \(peer): \(error.reason)")
        }
        try await admit(material, as: fingerprint, for: peer)
    }

    func admit(_ material: [UInt8], as fingerprint: Fingerprint, for peer: Address) async throws(KeyDirectoryError) {
        let finding: PinBook.Finding
        do {
            finding = try await admission.admit(material, as: fingerprint, for: peer, isKnown: false)
        } catch {
            throw KeyDirectoryError(.store, "the keyring can't be used: \(error.reason)")
        }
        switch finding {
        case .current: return
        case .spoiled(let reason), .failed(let reason):
            throw KeyDirectoryError(.rejected, "\(fingerprint) is not accepted as a key of \(peer): \(reason)")
        }
    }

    private func put(
        _ fingerprint: Fingerprint,
        of peer: Address,
        _ standing: Pin.Standing,
        announced: Bool?
    ) async throws(KeyDirectoryError) -> Pin {
        do {
            var keys = try await pins.peerKeys(account: account, peer: peer)
            let source: Pin.Source = policy(for: peer).names(fingerprint, of: peer) ? .configuration : .operatorSaid
            let index = keys.pins.firstIndex { $0.fingerprint == fingerprint }
            var pin =
                index.map { keys.pins[$0] }
                ?? Pin(fingerprint: fingerprint, standing: standing, source: source, firstSeen: clock(), announced: keys.lastRead == nil)
            pin.standing = standing
            pin.source = source
            if let announced { pin.announced = announced }
            if let index { keys.pins[index] = pin } else { keys.pins.append(pin) }
            try await pins.setPeerKeys(keys, account: account, peer: peer)
            memories[peer].toldNoneLeft = false
            return pin
        } catch {
            throw storeFailure(error)
        }
    }

    func turn<Value>(
        _ peer: Address,
        _ body: () async throws(KeyDirectoryError) -> Value
    ) async throws(KeyDirectoryError) -> Value {
        do {
            return try await turns.take(peer, body)
        } catch let error as KeyDirectoryError {
            throw error
        } catch {
            throw storeFailure(error)
        }
    }

    private func storeFailure(_ error: any Error) -> KeyDirectoryError {
        KeyDirectoryError(.store, "the store of trusted keys failed: \(error)")
    }
}
