internal import CGPGME

/// What GPGME says about a message that it has signed and encrypted, held against what was asked: never a partial result (E8).
struct SealReport {
    private let encryption: gpgme_encrypt_result_t?
    private let signing: gpgme_sign_result_t?

    init(_ context: OpaquePointer) {
        encryption = gpgme_op_encrypt_result(context)
        signing = gpgme_op_sign_result(context)
    }

    /// Throws unless all recipients were encrypted to and exactly `signer` has signed.
    func check(_ result: gpgme_error_t, signer: Fingerprint) throws {
        guard !isShortage(result) else { throw OpenPGPError(.unavailable, "GnuPG can't work now: \(describe(result))") }
        if let invalid = encryption?.pointee.invalid_recipients {
            let name = invalid.pointee.fpr.map { String(cString: $0) } ?? "?"
            throw OpenPGPError(.unusableKey, "GnuPG can't encrypt to the key \(name): \(describe(invalid.pointee.reason))")
        }
        if let invalid = signing?.pointee.invalid_signers {
            throw OpenPGPError(.unusableKey, "GnuPG can't sign with the key \(signer): \(describe(invalid.pointee.reason))")
        }
        switch code(result) {
        case GPG_ERR_NO_ERROR: break
        case GPG_ERR_UNUSABLE_PUBKEY: throw OpenPGPError(.unusableKey, "GnuPG can't encrypt to one of the keys")
        case GPG_ERR_UNUSABLE_SECKEY, GPG_ERR_NO_SECKEY: throw OpenPGPError(.unusableKey, "GnuPG can't sign with the key \(signer)")
        case GPG_ERR_BAD_PASSPHRASE: throw OpenPGPError(.passphrase, "the passphrase is wrong")
        default: throw OpenPGPError(.engine, "sealing failed: \(describe(result))")
        }
        guard let signature = signing?.pointee.signatures, signature.pointee.next == nil,
            let made = signature.pointee.fpr.flatMap({ Fingerprint(String(cString: $0)) }), made == signer
        else { throw OpenPGPError(.engine, "GnuPG did not sign with the key \(signer), and only with it") }
    }
}
