internal import CGPGME

extension GPGMEEngine {
    /// See ``OpenPGPEngine/addUserID(_:to:)``.
    ///
    /// - Throws: also ``OpenPGPError`` with code `passphrase` if it is needed and can't be had, and `badKey` if GnuPG made something else
    ///   than was asked for.
    public func addUserID(_ userID: String, to fingerprint: Fingerprint) async throws {
        try Self.checkUserID(userID)
        guard let info = try await key(fingerprint) else {
            throw OpenPGPError(.unusableKey, "the key \(fingerprint) is not in the keyring \(home.path)")
        }
        guard info.hasSecret else {
            throw OpenPGPError(.unusableKey, "the secret key of \(fingerprint) is not in the keyring \(home.path)")
        }
        if let reason = info.unusable { throw OpenPGPError(.unusableKey, "the key \(fingerprint) can't be used: \(reason)") }
        let wanted = Array(userID.utf8)
        if info.userIDs.contains(where: { $0.utf8.elementsEqual(wanted) }) { return }
        let (home, cache) = (home, cache)
        try await perform(secret: true, writes: true) { attempt in
            let generation = cache.generation()
            let before = try Certificate(reading: try Listing.export(fingerprint, attempt))
            // Another task may have been faster, or an earlier attempt at this succeeded before its agent died.
            if !before.userIDs.contains(wanted) {
                var found: gpgme_key_t?
                guard code(try attempt.run({ gpgme_get_key($0, fingerprint.hex, &found, 0) })) == GPG_ERR_NO_ERROR, let found else {
                    throw OpenPGPError(.keyring, "the key \(fingerprint) can't be read from the keyring \(home.path)")
                }
                defer { gpgme_key_unref(found) }
                let result = try attempt.run { gpgme_op_adduid($0, found, userID, 0) }
                cache.changed(fingerprint, since: generation)
                guard !attempt.log.namesBadPassphrase else {
                    throw OpenPGPError(.passphrase, "the passphrase of the keyring \(home.path) is wrong")
                }
                guard code(result) == GPG_ERR_NO_ERROR else {
                    throw OpenPGPError(.engine, "the User ID could not be put on the key \(fingerprint): \(describe(result))")
                }
            }
            let after = try Certificate(reading: try Listing.export(fingerprint, attempt))
            guard after.userIDs.contains(wanted) else {
                throw OpenPGPError(.engine, "GnuPG did not put the User ID on the key \(fingerprint)")
            }
            let others = Set(before.userIDs).subtracting([wanted])
            guard after.keeping(others) == before.keeping(others) else {
                throw OpenPGPError(.badKey, "GnuPG changed more of the key \(fingerprint) than its User IDs; it was left in the keyring")
            }
            let listed = try Listing.key(fingerprint, attempt, home: home.path)
            guard listed?.userIDs.contains(where: { $0.utf8.elementsEqual(wanted) }) == true else {
                throw OpenPGPError(.badKey, "the key \(fingerprint) carries the User ID \"\(userID)\", and it is revoked or not valid")
            }
            try GeneratedKey.checkUserIDs(of: after, texts: [wanted], fingerprint)
        }
    }
}
