internal import CGPGME
internal import Glibc

/// What GnuPG says about one key, as values; whether it may be used depends on the time and is asked for.
struct ListedKey: Sendable {
    /// The primary key or a subkey.
    struct Part: Sendable {
        let created: Int64
        let expires: Int64?
        let encrypts: Bool
        let signs: Bool
        /// Revoked, disabled or invalid.
        let dead: Bool
        /// Why it is too weak, or `nil`.
        let weakness: String?

        func isAlive(at now: Int64) -> Bool { !dead && !(expires.map { $0 <= now } ?? false) && created <= now + ListedKey.clockSlack }
    }

    let fingerprint: Fingerprint
    let algorithm: String
    /// User IDs that are neither revoked nor invalid.
    let userIDs: [String]
    let revoked: Bool
    let disabled: Bool
    let invalid: Bool
    let hasSecret: Bool
    /// The primary key first.
    let parts: [Part]

    /// How far another clock may be ahead of ours, in seconds.
    static let clockSlack: Int64 = 300

    /// Reads GPGME's key; `nil` for what isn't a version 4 OpenPGP key. `home` is where the secret keys' files are.
    init?(_ key: gpgme_key_t, home: String) {
        guard key.pointee.protocol == GPGME_PROTOCOL_OpenPGP, let primary = key.pointee.subkeys, let text = primary.pointee.fpr,
            let fingerprint = Fingerprint(String(cString: text))
        else { return nil }
        self.fingerprint = fingerprint
        revoked = key.pointee.revoked != 0
        disabled = key.pointee.disabled != 0
        invalid = key.pointee.invalid != 0
        if let name = gpgme_pubkey_algo_string(primary) {
            algorithm = String(cString: name)
            gpgme_free(name)
        } else {
            algorithm = "unknown"
        }
        var userIDs: [String] = []
        var userID = key.pointee.uids
        while let current = userID {
            if current.pointee.revoked == 0, current.pointee.invalid == 0, let text = current.pointee.uid,
                let valid = String(validatingCString: text)
            {
                userIDs.append(valid)
            }
            userID = current.pointee.next
        }
        self.userIDs = userIDs
        var parts: [Part] = []
        var subkey: gpgme_subkey_t? = primary
        while let current = subkey {
            parts.append(Part(current))
            subkey = current.pointee.next
        }
        self.parts = parts
        // The file's presence tells without an agent; a smartcard's key has one too.
        hasSecret = primary.pointee.keygrip.map { access("\(home)/private-keys-v1.d/\(String(cString: $0)).key", F_OK) == 0 } ?? false
    }

    /// The key as others see it, judged at `now` (seconds since 1970).
    func info(at now: Int64) -> KeyInfo {
        KeyInfo(
            fingerprint: fingerprint,
            userIDs: userIDs,
            created: parts.first?.created ?? 0,
            expires: expires,
            algorithm: algorithm,
            hasSecret: hasSecret,
            unusable: unusable(at: now)
        )
    }

    private var expires: Int64? {
        let encrypting = parts.filter { $0.encrypts && !$0.dead }
        // The last encryption key counts: before it expires, the key can still be written to.
        let encryption = encrypting.contains { $0.expires == nil } ? nil : encrypting.compactMap(\.expires).max()
        return [parts.first?.expires, encryption].compactMap(\.self).min()
    }

    /// Why the key may not be used at `now`, or `nil` if it may.
    func unusable(at now: Int64) -> String? {
        guard let primary = parts.first else { return "it has no primary key" }
        if revoked { return "it is revoked" }
        if disabled { return "it is disabled in the keyring" }
        if let expires = primary.expires, expires <= now { return "it has expired" }
        if primary.created > now + Self.clockSlack { return "it is not yet valid: it was made in the future" }
        if invalid || primary.dead { return "GnuPG finds it invalid (no valid self-signature?)" }
        if userIDs.isEmpty { return "it has no valid User ID" }
        if let weakness = primary.weakness { return "it is too weak: \(weakness)" }
        let encrypting = parts.filter(\.encrypts)
        guard !encrypting.isEmpty else { return "it has no encryption key" }
        guard let newest = encrypting.filter({ $0.isAlive(at: now) }).max(by: { $0.created < $1.created }) else {
            return "its encryption key is expired, revoked or not yet valid"
        }
        if let weakness = newest.weakness { return "its encryption key is too weak: \(weakness)" }
        if let weakness = parts.first(where: { $0.signs && $0.isAlive(at: now) && $0.weakness != nil })?.weakness {
            return "its signing key is too weak: \(weakness)"
        }
        return nil
    }
}

extension ListedKey.Part {
    fileprivate init(_ subkey: gpgme_subkey_t) {
        let key = subkey.pointee
        created = Int64(key.timestamp)
        expires = key.expires == 0 ? nil : Int64(key.expires)
        encrypts = key.can_encrypt != 0
        signs = key.can_sign != 0
        dead = key.revoked != 0 || key.disabled != 0 || key.invalid != 0
        weakness = Self.weakness(key)
    }

    /// S11 and T7: RSA from 2048 bits, and the curves that peers use.
    private static func weakness(_ key: _gpgme_subkey) -> String? {
        switch key.pubkey_algo {
        case GPGME_PK_RSA, GPGME_PK_RSA_E, GPGME_PK_RSA_S:
            return key.length >= 2048 ? nil : "RSA with \(key.length) bits"
        case GPGME_PK_EDDSA, GPGME_PK_ECDSA, GPGME_PK_ECDH, GPGME_PK_ECC:
            let curve = key.curve.map { String(cString: $0).lowercased() } ?? "unknown"
            let known: Set<String> = [
                "ed25519", "cv25519", "ed448", "cv448", "x448", "nistp256", "nistp384", "nistp521", "brainpoolp256r1", "brainpoolp384r1",
                "brainpoolp512r1",
            ]
            return known.contains(curve) ? nil : "the curve \(curve)"
        case GPGME_PK_DSA: return "DSA"
        case GPGME_PK_ELG, GPGME_PK_ELG_E: return "ElGamal"
        default: return "algorithm number \(key.pubkey_algo.rawValue)"
        }
    }
}
