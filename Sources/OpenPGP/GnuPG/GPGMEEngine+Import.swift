internal import CGPGME

extension GPGMEEngine {
    /// See ``OpenPGPEngine/inspect(_:)``. What is refused by its form is refused before gpg starts (A20).
    public func inspect(_ material: [UInt8]) async throws -> KeyInfo {
        let certificate = try Certificate(reading: material)
        let bytes = certificate.keeping(Set(certificate.userIDs))
        let staging = staging
        return try await perform(secret: false) { attempt in
            try staging.with(attempt) { stage, path in
                try Staged.read(bytes, certificate.fingerprint, stage, path: path).info(at: secondsNow())
            }
        }
    }

    /// See ``OpenPGPEngine/importKey(_:expected:keep:)``.
    ///
    /// A key that can't be used is refused, unless it is in the keyring already: then the update that revokes it, or lets it expire, is
    /// imported, and the result says why it is unusable.
    public func importKey(_ material: [UInt8], expected: Fingerprint, keep: Set<String>) async throws -> KeyInfo {
        let certificate = try Certificate(reading: material)
        guard certificate.fingerprint == expected else {
            throw OpenPGPError(.badKey, "the key's fingerprint is \(certificate.fingerprint), not \(expected)")
        }
        // Bytes, since two texts that Swift calls equal may be different User IDs.
        let wanted = Set(keep.map { Array($0.utf8) })
        guard certificate.userIDs.contains(where: wanted.contains) else {
            throw OpenPGPError(.badKey, "the key \(expected) has none of the User IDs that it must have")
        }
        let bytes = certificate.keeping(wanted)
        let known = try await key(expected) != nil
        let (home, staging, cache) = (home, staging, cache)
        let minimal = try await perform(secret: false) { attempt in
            try staging.with(attempt) { stage, path in
                let info = try Staged.read(bytes, expected, stage, path: path).info(at: secondsNow())
                // An update that revokes a key that we have must get in; a new key that can't be used must not.
                if let reason = info.unusable, !known {
                    throw OpenPGPError(.badKey, "the key \(expected) can't be used: \(reason)")
                }
                return try Certificate(reading: try Listing.export(expected, stage)).keeping(wanted)
            }
        }
        return try await perform(secret: false, writes: true) { attempt in
            let before = cache.generation()
            try Staged.importing(minimal, expected, attempt)
            cache.changed(expected, since: before)
            let generation = cache.generation()
            guard let listed = try Listing.key(expected, attempt, home: home.path) else {
                throw OpenPGPError(.keyring, "the key \(expected) was imported and is not in the keyring \(home.path)")
            }
            cache.keep(listed, generation)
            return listed.info(at: secondsNow())
        }
    }
}

/// Imports into a home.
enum Staged {
    /// Imports a certificate into an empty home and lists it.
    static func read(_ bytes: [UInt8], _ fingerprint: Fingerprint, _ attempt: GPGMEEngine.Attempt, path: String) throws -> ListedKey {
        try importing(bytes, fingerprint, attempt)
        let keys = try Listing.all(attempt, home: path)
        guard keys.count == 1, let key = keys.first, key.fingerprint == fingerprint else {
            throw OpenPGPError(.badKey, "GnuPG does not find exactly the key \(fingerprint) in it")
        }
        return key
    }

    /// Imports one public certificate, and asserts that this is all that happened.
    static func importing(_ bytes: [UInt8], _ fingerprint: Fingerprint, _ attempt: GPGMEEngine.Attempt) throws {
        let result = try withInput(bytes) { data in try attempt.run { gpgme_op_import($0, data) } }
        guard code(result) == GPG_ERR_NO_ERROR, let outcome = gpgme_op_import_result(attempt.context.pointer) else {
            throw OpenPGPError(.badKey, "GnuPG refuses the key \(fingerprint): \(describe(result))")
        }
        let counts = outcome.pointee
        guard counts.secret_read == 0, counts.secret_imported == 0 else {
            throw OpenPGPError(.badKey, "this is a secret key; only public keys are accepted")
        }
        guard counts.considered == 1, counts.no_user_id == 0, counts.not_imported == 0,
            let first = counts.imports, first.pointee.next == nil, code(first.pointee.result) == GPG_ERR_NO_ERROR,
            let text = first.pointee.fpr, Fingerprint(String(cString: text)) == fingerprint
        else { throw OpenPGPError(.badKey, "GnuPG refuses the key \(fingerprint): it has no User ID with a valid self-signature") }
    }
}
