internal import CGPGME

/// What GPGME and gpg say about a message that was to be decrypted and verified, and what follows from it.
///
/// GPGME's result alone does not say how many literals there were or which primary key a signature belongs to; gpg's status lines do.
struct OpenReport {
    private let result: gpgme_error_t
    private let context: OpaquePointer
    private let log: StatusLog

    init(result: gpgme_error_t, context: OpaquePointer, log: StatusLog) {
        self.result = result
        self.context = context
        self.log = log
    }

    /// The signatures, if everything holds that can be judged without knowing the sender (S1); else throws.
    func signatures() throws -> [SignatureInfo] {
        guard !log.hasTooManySignatures else { throw OpenPGPError(.malformed, "the message has too many signatures") }
        guard !log.overflowed else { throw OpenPGPError(.malformed, "the message makes GnuPG report too much") }
        if let problem {
            if wasCutShort { throw CutShort(verdict: problem) }
            throw problem
        }
        guard let verification = gpgme_op_verify_result(context) else {
            throw OpenPGPError(.engine, "GnuPG gave no result of the verification")
        }
        var signatures: [SignatureInfo] = []
        var next = verification.pointee.signatures
        while let signature = next {
            signatures.append(SignatureInfo(signature.pointee, log: log))
            next = signature.pointee.next
        }
        guard signatures.count == log.count("NEWSIG") else {
            throw OpenPGPError(.malformed, "GnuPG's reports on the message's signatures contradict each other")
        }
        return signatures
    }

    private var problem: OpenPGPError? {
        if let cause = gpgFailure { return cause }
        let decryption = gpgme_op_decrypt_result(context)
        // Written when there is a session key and the container is about to be read.
        let began = log.count("DECRYPTION_INFO") > 0
        if log.count("NEED_PASSPHRASE_SYM") > 0 {
            return OpenPGPError(.malformed, "the message holds something encrypted with a password, which is not accepted")
        }
        if decryption?.pointee.legacy_cipher_nomdc != 0 || log.count("BADMDC") > 0 || log.count("ERRMDC") > 0 {
            return OpenPGPError(.integrity, "the message's integrity protection is missing or broken")
        }
        if !began, log.count("NO_SECKEY") > 0 {
            return OpenPGPError(.noSecretKey, "the message is not encrypted to any key of this keyring")
        }
        switch code(result) {
        case GPG_ERR_NO_ERROR: break
        case GPG_ERR_BAD_PASSPHRASE: return OpenPGPError(.passphrase, "the passphrase is wrong")
        case GPG_ERR_NO_DATA: return OpenPGPError(.malformed, "there is no data in the message")
        default:
            if log.count("ERROR") > 0, let line = log.first("ERROR"), line.words.first == "proc_pkt.plaintext" {
                return OpenPGPError(.malformed, "the message holds more than one literal")
            }
            if log.count("BEGIN_DECRYPTION") > 0 {
                return OpenPGPError(.integrity, "the message could not be decrypted; it is damaged or was tampered with")
            }
            return OpenPGPError(.engine, "opening failed: \(describe(result))")
        }
        guard let decryption else { return OpenPGPError(.engine, "GnuPG gave no result of the decryption") }
        guard log.count("BEGIN_DECRYPTION") == 1, log.count("DECRYPTION_OKAY") == 1, log.count("DECRYPTION_FAILED") == 0 else {
            return OpenPGPError(.integrity, "the message was not decrypted as a whole")
        }
        guard log.count("GOODMDC") == 1 || hasAEAD else {
            return OpenPGPError(.integrity, "the message's integrity protection is missing")
        }
        guard decryption.pointee.wrong_key_usage == 0 else {
            return OpenPGPError(.malformed, "the message is encrypted to a key that is not for encryption")
        }
        guard log.count("PLAINTEXT") == 1 else { return OpenPGPError(.malformed, "the message does not hold exactly one literal") }
        guard log.count("NODATA") == 0, log.count("UNEXPECTED") == 0 else {
            return OpenPGPError(.malformed, "there is something in the message that does not belong there")
        }
        return nil
    }

    /// What kept gpg from coming to a verdict: that is no verdict on the message.
    private var gpgFailure: OpenPGPError? {
        guard code(result) != GPG_ERR_NO_ERROR else { return nil }
        if isShortage(result) { return OpenPGPError(.unavailable, "GnuPG can't work now: \(describe(result))") }
        guard !log.lines.isEmpty else { return OpenPGPError(.unavailable, "GnuPG ended before it had begun: \(describe(result))") }
        return nil
    }

    /// Whether gpg has ended in the middle of the message without a word on it: it does so on many a damaged message, and when it is killed.
    private var wasCutShort: Bool {
        code(result) != GPG_ERR_NO_ERROR && log.count("BEGIN_DECRYPTION") > 0 && log.count("END_DECRYPTION") == 0
            && log.count("DECRYPTION_FAILED") == 0
    }

    /// gpg has ended in the middle. A message that makes it do so does that again; one in whose middle it was killed doesn't.
    struct CutShort: Error {
        /// What follows if it is the message's doing.
        let verdict: OpenPGPError
    }

    /// DECRYPTION_INFO's third word is the AEAD algorithm, if it isn't zero.
    private var hasAEAD: Bool {
        guard let words = log.first("DECRYPTION_INFO")?.words, words.count >= 3 else { return false }
        return words[2] != "0" && log.count("DECRYPTION_OKAY") == 1
    }
}
