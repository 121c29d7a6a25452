internal import CGPGME

extension GPGMEEngine {
    /// See ``OpenPGPEngine/key(_:)``. Needs no agent; what was listed is kept while the keyring's files are unchanged.
    public func key(_ fingerprint: Fingerprint) async throws -> KeyInfo? {
        if let known = cache.key(fingerprint) { return known.info(at: secondsNow()) }
        let (home, cache) = (home, cache)
        return try await perform(secret: false) { attempt in
            let generation = cache.generation()
            guard let listed = try Listing.key(fingerprint, attempt, home: home.path) else {
                try home.checkPresence()
                return nil
            }
            cache.keep(listed, generation)
            return listed.info(at: secondsNow())
        }
    }

    /// See ``OpenPGPEngine/keys()``, in the order of fingerprints.
    public func keys() async throws -> [KeyInfo] {
        let (home, cache) = (home, cache)
        return try await perform(secret: false) { attempt in
            let generation = cache.generation()
            let listed = try Listing.all(attempt, home: home.path)
            if listed.isEmpty { try home.checkPresence() }
            for key in listed { cache.keep(key, generation) }
            let now = secondsNow()
            return listed.map { $0.info(at: now) }.sorted { $0.fingerprint < $1.fingerprint }
        }
    }

    /// The least time that the making of a key has. The agent derives the protecting key from a passphrase anew for each of its steps, which was
    /// seen to cost three seconds of a fast processor: a small machine that is busy needs minutes.
    private static let generationTime = Duration.seconds(600)

    /// See ``OpenPGPEngine/generateKey(userID:)``. If a passphrase is configured, the key is protected by it.
    ///
    /// P1: with a parameter block all of it is one operation of gpg's and nothing is left to a version's defaults.
    /// - Throws: also ``OpenPGPError`` with code `badKey` if `userID` can't be one, or if GnuPG made something else (P2).
    public func generateKey(userID: String) async throws -> Fingerprint {
        try Self.checkUserID(userID)
        let protect = passphrase != nil
        // The passphrase is fetched before, so that a key is never made without one by mistake.
        if protect { _ = try await askPassphrase() }
        let home = home
        let limit = max(options.time, Self.generationTime)
        let fingerprint: Fingerprint = try await perform(limit: limit, secret: true, writes: true) { attempt in
            let result = try attempt.run { gpgme_op_genkey($0, GeneratedKey.parameters(userID: userID, protect: protect), nil, nil) }
            guard code(result) == GPG_ERR_NO_ERROR else { throw OpenPGPError(.engine, "the key could not be made: \(describe(result))") }
            guard let made = gpgme_op_genkey_result(attempt.context.pointer), let text = made.pointee.fpr,
                let fingerprint = Fingerprint(String(cString: text))
            else { throw OpenPGPError(.engine, "GnuPG did not say which key it made") }
            guard let listed = try Listing.key(fingerprint, attempt, home: home.path) else {
                throw OpenPGPError(.engine, "the key \(fingerprint) was made and is not in the keyring")
            }
            try GeneratedKey.check(listed, try Listing.export(fingerprint, attempt), userID: userID)
            return fingerprint
        }
        return fingerprint
    }

    /// See ``OpenPGPEngine/export(_:userID:)``.
    public func export(_ fingerprint: Fingerprint, userID: String) async throws -> [UInt8] {
        guard let info = try await key(fingerprint) else {
            throw OpenPGPError(.unusableKey, "the key \(fingerprint) is not in the keyring \(home.path)")
        }
        guard info.userIDs.contains(where: { $0.utf8.elementsEqual(userID.utf8) }) else {
            throw OpenPGPError(.unusableKey, "the key \(fingerprint) has no valid User ID \"\(userID)\"")
        }
        return try await perform(secret: false) { attempt in
            let whole = try Certificate(reading: try Listing.export(fingerprint, attempt))
            let minimal = whole.keeping([Array(userID.utf8)])
            // P3: asserted on the bytes that leave. Reading refuses secret packets and more than one key.
            let checked = try Certificate(reading: minimal)
            guard checked.fingerprint == fingerprint, checked.userIDs == [Array(userID.utf8)] else {
                throw OpenPGPError(.engine, "the exported key is not the one that was asked for")
            }
            return minimal
        }
    }

    /// See ``OpenPGPEngine/delete(_:)``. Deleting a key that isn't there does nothing.
    public func delete(_ fingerprint: Fingerprint) async throws {
        let (home, cache) = (home, cache)
        // With the agent up, since gpg asks it whether there is a secret key; and we look for ourselves.
        try await perform(secret: true, writes: true) { attempt in
            guard let listed = try Listing.key(fingerprint, attempt, home: home.path) else { return }
            guard !listed.hasSecret else {
                throw OpenPGPError(.unusableKey, "the key \(fingerprint) has a secret key here and is not deleted")
            }
            var found: gpgme_key_t?
            guard code(try attempt.run({ gpgme_get_key($0, fingerprint.hex, &found, 0) })) == GPG_ERR_NO_ERROR, let found else { return }
            defer { gpgme_key_unref(found) }
            let generation = cache.generation()
            let result = try attempt.run { gpgme_op_delete_ext($0, found, UInt32(GPGME_DELETE_FORCE)) }
            switch code(result) {
            case GPG_ERR_NO_ERROR: cache.changed(fingerprint, since: generation)
            case GPG_ERR_CONFLICT: throw OpenPGPError(.unusableKey, "the key \(fingerprint) has a secret key here and is not deleted")
            default: throw OpenPGPError(.keyring, "the key \(fingerprint) could not be deleted: \(describe(result))")
            }
        }
    }

    /// A User ID is one line of text without tricks: no control or formatting characters, no white space around it.
    static func checkUserID(_ text: String) throws {
        let bad = text.unicodeScalars.contains { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: true
            default: false
            }
        }
        guard !text.isEmpty, text.utf8.count <= 1024, !bad, text.first?.isWhitespace == false, text.last?.isWhitespace == false,
            !text.contains("</GnupgKeyParms")
        else { throw OpenPGPError(.badKey, "this can't be a User ID: empty, too long, or with characters that don't belong into one") }
    }
}

/// Looking up keys in a keyring, by fingerprint only (S3b).
enum Listing {
    /// The key whose primary fingerprint this is.
    static func key(_ fingerprint: Fingerprint, _ attempt: GPGMEEngine.Attempt, home: String) throws -> ListedKey? {
        var found: gpgme_key_t?
        let result = try attempt.run { gpgme_get_key($0, fingerprint.hex, &found, 0) }
        defer { if let found { gpgme_key_unref(found) } }
        switch code(result) {
        case GPG_ERR_NO_ERROR: break
        case GPG_ERR_EOF, GPG_ERR_NO_PUBKEY, GPG_ERR_NOT_FOUND: return nil
        default: throw OpenPGPError(.keyring, "the keyring \(home) can't be read: \(describe(result))")
        }
        // gpg finds a subkey's fingerprint too; that is not what was asked for.
        guard let found, let listed = ListedKey(found, home: home), listed.fingerprint == fingerprint else { return nil }
        return listed
    }

    /// All keys.
    static func all(_ attempt: GPGMEEngine.Attempt, home: String) throws -> [ListedKey] {
        func checked(_ result: gpgme_error_t) throws {
            guard code(result) == GPG_ERR_NO_ERROR else {
                throw OpenPGPError(.keyring, "the keyring \(home) can't be read: \(describe(result))")
            }
        }
        try checked(try attempt.run { gpgme_op_keylist_start($0, nil, 0) })
        defer { gpgme_op_keylist_end(attempt.context.pointer) }
        var keys: [ListedKey] = []
        while true {
            var next: gpgme_key_t?
            let result = try attempt.run { gpgme_op_keylist_next($0, &next) }
            defer { if let next { gpgme_key_unref(next) } }
            if code(result) == GPG_ERR_EOF { return keys }
            try checked(result)
            if let next, let listed = ListedKey(next, home: home) { keys.append(listed) }
        }
    }

    /// The certificate in minimal form, as GnuPG gives it.
    static func export(_ fingerprint: Fingerprint, _ attempt: GPGMEEngine.Attempt) throws -> [UInt8] {
        let output = BoundedOutput(limit: Certificate.mostBytes)
        let result = try output.with { data in
            try attempt.run { gpgme_op_export($0, fingerprint.hex, gpgme_export_mode_t(GPGME_EXPORT_MODE_MINIMAL), data) }
        }
        guard !output.exceeded else { throw OpenPGPError(.badKey, "the key \(fingerprint) is longer than 64 KiB") }
        guard code(result) == GPG_ERR_NO_ERROR, !output.bytes.isEmpty else {
            throw OpenPGPError(.keyring, "the key \(fingerprint) could not be exported: \(describe(result))")
        }
        return output.bytes
    }
}
