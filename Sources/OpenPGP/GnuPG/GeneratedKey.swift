/// What is asked for when a key is made (P1), and the check of a new key against what was asked for (P2), whatever a GnuPG version's defaults are.
enum GeneratedKey {
    /// What gpg is asked to make. `userID` has been checked to be one line.
    static func parameters(userID: String, protect: Bool) -> String {
        let lines = [
            "<GnupgKeyParms format=\"internal\">",
            "Key-Type: eddsa", "Key-Curve: ed25519", "Key-Usage: cert,sign",
            "Subkey-Type: ecdh", "Subkey-Curve: cv25519", "Subkey-Usage: encrypt",
            "Name-Real: \(userID)",
            "Expire-Date: 0",
        ]
        return (lines + (protect ? [] : ["%no-protection"]) + ["</GnupgKeyParms>", ""]).joined(separator: "\n")
    }

    /// - Throws: ``OpenPGPError`` with code `badKey` that says what is different.
    static func check(_ listed: ListedKey, _ exported: [UInt8], userID: String) throws {
        func refuse(_ what: String) -> OpenPGPError { refusal(of: listed.fingerprint, what) }
        if let reason = listed.unusable(at: secondsNow()) { throw refuse(reason) }
        guard listed.hasSecret else { throw refuse("its secret key is not there") }
        guard listed.parts.count == 2, let primary = listed.parts.first, let subkey = listed.parts.last else {
            throw refuse("not one subkey")
        }
        guard primary.signs, !primary.encrypts, subkey.encrypts, !subkey.signs else { throw refuse("other capabilities than [SC] and [E]") }
        guard primary.expires == nil, subkey.expires == nil else { throw refuse("it expires") }
        guard listed.algorithm == "ed25519" else { throw refuse("the algorithm \(listed.algorithm)") }
        let certificate = try Certificate(reading: exported)
        guard certificate.fingerprint == listed.fingerprint else { throw refuse("another fingerprint") }
        guard certificate.userIDs == [Array(userID.utf8)] else { throw refuse("other User IDs") }
        try checkUserIDs(of: certificate, texts: [Array(userID.utf8)], listed.fingerprint)
    }

    /// Checks what the self-signatures of some User IDs promise (P2).
    ///
    /// - Throws: ``OpenPGPError`` with code `badKey` that says what is different.
    static func checkUserIDs(of certificate: Certificate, texts: Set<[UInt8]>, _ fingerprint: Fingerprint) throws {
        func refuse(_ what: String) -> OpenPGPError { refusal(of: fingerprint, what) }
        for part in certificate.parts where part.tag == Tag.userID && texts.contains(part.body) {
            guard let body = part.signatureBodies.first, part.signatures.count == 1, let signature = SignatureFields(body) else {
                throw refuse("its self-signature can't be read")
            }
            // Bit 0 is SEIPD version 1; all others promise what peers can't read.
            let features = signature.hashed(SignatureFields.features) ?? [0]
            guard features.dropFirst().allSatisfy({ $0 == 0 }), (features.first ?? 0) & 0xfe == 0 else {
                throw refuse("it announces AEAD or other new formats")
            }
            guard signature.hashed(SignatureFields.preferredAEAD) == nil, signature.hashed(SignatureFields.preferredSuites) == nil else {
                throw refuse("it prefers AEAD")
            }
        }
    }

    private static func refusal(of fingerprint: Fingerprint, _ what: String) -> OpenPGPError {
        OpenPGPError(
            .badKey,
            "GnuPG made the key \(fingerprint) otherwise than asked: \(what); it was left in the keyring. "
                + "Look at gpg.conf for settings of your own"
        )
    }
}
