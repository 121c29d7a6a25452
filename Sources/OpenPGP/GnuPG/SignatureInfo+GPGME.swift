internal import CGPGME

extension SignatureInfo {
    /// What GPGME says about one signature, with what only gpg's status lines tell: whose key it is, and that it is one over data.
    init(_ signature: _gpgme_signature, log: StatusLog) {
        let signer = signature.fpr.map { String(cString: $0).uppercased() } ?? ""
        let primary = Self.primary(of: signer, log)
        var verdict: Verdict
        switch code(signature.status) {
        case GPG_ERR_NO_ERROR: verdict = .good
        case GPG_ERR_NO_PUBKEY: verdict = .unknownKey
        case GPG_ERR_BAD_SIGNATURE: verdict = .bad
        case GPG_ERR_SIG_EXPIRED, GPG_ERR_KEY_EXPIRED: verdict = .expired
        case GPG_ERR_CERT_REVOKED: verdict = .revoked
        default: verdict = .error(describe(signature.status))
        }
        if verdict == .good {
            // Good is only what gpg called good and valid, and what we can tell the owner of.
            if signature.wrong_key_usage != 0 {
                verdict = .error("the key is not for signing")
            } else if primary == nil {
                verdict = .error("GnuPG did not say whose key it is")
            }
        }
        self.init(verdict: verdict, primary: primary, signer: signer, created: Int64(clamping: signature.timestamp))
    }

    /// VALIDSIG's words: the signing key's fingerprint first, the signature's class ninth (00 and 01 are those over data), the primary
    /// key's fingerprint tenth. gpg writes it only for a key in this keyring whose binding to the primary key, cross-certification
    /// included, it has verified.
    private static func primary(of signer: String, _ log: StatusLog) -> Fingerprint? {
        let lines = log.lines.filter { $0.keyword == "VALIDSIG" && $0.words.first == signer }
        let primaries = Set(lines.map { $0.words.count >= 10 && ["00", "01"].contains($0.words[8]) ? Fingerprint($0.words[9]) : nil })
        guard primaries.count == 1, let primary = primaries.first else { return nil }
        return primary
    }
}
