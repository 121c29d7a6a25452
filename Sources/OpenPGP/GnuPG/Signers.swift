internal import CGPGME
internal import Glibc
internal import Synchronization

/// The keys that we sign with, as GPGME wants them: listed once, kept as long as the keyring's files are unchanged.
final class Signers: Sendable {
    private struct Entry {
        let stamp: KeyCache.Stamp
        let key: UInt
        let name: UInt
    }
    private let cache: KeyCache
    private let entries = Mutex<[Fingerprint: Entry]>([:])

    init(cache: KeyCache) { self.cache = cache }

    deinit { entries.withLock { $0.values.forEach { Self.release($0) } } }

    /// Lends the signer's key to `body`.
    func with<Value>(_ fingerprint: Fingerprint, _ attempt: GPGMEEngine.Attempt, _ body: (gpgme_key_t) throws -> Value) throws -> Value {
        let stamp = cache.stamp()
        let known: Entry? = entries.withLock { $0[fingerprint].flatMap { $0.stamp == stamp ? $0 : nil } }
        let entry: Entry
        if let known {
            entry = known
        } else {
            entry = try load(fingerprint, stamp, attempt)
        }
        guard let key = gpgme_key_t(bitPattern: entry.key) else { throw OpenPGPError(.engine, "no signer") }
        return try body(key)
    }

    private func load(_ fingerprint: Fingerprint, _ stamp: KeyCache.Stamp, _ attempt: GPGMEEngine.Attempt) throws -> Entry {
        var found: gpgme_key_t?
        let result = try attempt.run { gpgme_get_key($0, fingerprint.hex, &found, 0) }
        guard code(result) == GPG_ERR_NO_ERROR, let found, let subkey = found.pointee.subkeys else {
            throw OpenPGPError(.unusableKey, "the key \(fingerprint) can't be listed: \(describe(result))")
        }
        // GPGME passes this text to `gpg -u`. A key ID, as it stands there, could be another key's, and without the exclamation
        // mark gpg would prefer a signing subkey to the primary key, which older peers don't accept. SealReport checks the outcome.
        let name = strdup(fingerprint.hex + "!")
        subkey.pointee.keyid = name
        let entry = Entry(stamp: stamp, key: UInt(bitPattern: found), name: UInt(bitPattern: name))
        // An older object may be in use by another thread: it is kept until the end. Keyrings seldom change.
        entries.withLock { $0[fingerprint] = entry }
        return entry
    }

    private static func release(_ entry: Entry) {
        gpgme_key_unref(gpgme_key_t(bitPattern: entry.key))
        free(UnsafeMutableRawPointer(bitPattern: entry.name))
    }
}
