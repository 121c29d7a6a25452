internal import CGPGME
internal import Glibc
internal import Synchronization

/// The keys that we sign with, as GPGME wants them: listed once, kept as long as the keyring is unchanged.
final class Signers: Sendable {
    private struct State {
        var keys: [Fingerprint: (generation: KeyCache.Generation, key: UInt)] = [:]
        /// What GPGME passes to `gpg -u`; GPGME's objects point at it, so that it stays until the end.
        var names: [Fingerprint: UInt] = [:]
    }
    private let cache: KeyCache
    private let state = Mutex(State())

    init(cache: KeyCache) { self.cache = cache }

    deinit {
        state.withLock {
            for (_, key) in $0.keys.values { gpgme_key_unref(gpgme_key_t(bitPattern: key)) }
            for name in $0.names.values { free(UnsafeMutableRawPointer(bitPattern: name)) }
        }
    }

    /// Lends the signer's key to `body`.
    func with<Value>(_ fingerprint: Fingerprint, _ attempt: GPGMEEngine.Attempt, _ body: (gpgme_key_t) throws -> Value) throws -> Value {
        let generation = cache.generation()
        let known: UInt? = state.withLock {
            guard let (when, key) = $0.keys[fingerprint], when == generation else { return nil }
            gpgme_key_ref(gpgme_key_t(bitPattern: key))
            return key
        }
        let key = try known.flatMap { gpgme_key_t(bitPattern: $0) } ?? load(fingerprint, generation, attempt)
        defer { gpgme_key_unref(key) }
        return try body(key)
    }

    private func load(_ fingerprint: Fingerprint, _ generation: KeyCache.Generation, _ attempt: GPGMEEngine.Attempt) throws -> gpgme_key_t {
        var found: gpgme_key_t?
        let result = try attempt.run { gpgme_get_key($0, fingerprint.hex, &found, 0) }
        guard code(result) == GPG_ERR_NO_ERROR, let key = found, let subkey = key.pointee.subkeys else {
            throw OpenPGPError(.unusableKey, "the key \(fingerprint) can't be listed: \(describe(result))")
        }
        // GPGME passes this text to `gpg -u`. A key ID, as it stands there, could be another key's, and without the exclamation
        // mark gpg would prefer a signing subkey to the primary key, which older peers don't accept. SealReport checks the outcome.
        let address = UInt(bitPattern: key)
        let name: UInt = state.withLock {
            if let name = $0.names[fingerprint] { return name }
            let name = UInt(bitPattern: strdup(fingerprint.hex + "!"))
            $0.names[fingerprint] = name
            return name
        }
        subkey.pointee.keyid = UnsafeMutablePointer(bitPattern: name)
        // One reference for the table, one for the caller.
        gpgme_key_ref(key)
        let old: UInt? = state.withLock { $0.keys.updateValue((generation, address), forKey: fingerprint)?.key }
        if let old { gpgme_key_unref(gpgme_key_t(bitPattern: old)) }
        return key
    }
}
