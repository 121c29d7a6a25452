internal import CGPGME

extension GPGMEEngine {
    /// See ``OpenPGPEngine/seal(_:signer:recipients:)``.
    ///
    /// Recipients and signer are given to gpg by full fingerprint, each key is looked at first, and the outcome is held against what was
    /// asked (E8). The signature is the primary key's, even if there is a signing subkey.
    public func seal(_ plaintext: [UInt8], signer: Fingerprint, recipients: [Fingerprint]) async throws -> [UInt8] {
        guard !recipients.isEmpty else { throw OpenPGPError(.unusableKey, "a message needs at least one recipient") }
        for fingerprint in [signer] + recipients {
            guard let info = try await key(fingerprint) else {
                throw OpenPGPError(.unusableKey, "the key \(fingerprint) is not in the keyring \(home.path)")
            }
            if let reason = info.unusable { throw OpenPGPError(.unusableKey, "the key \(fingerprint) can't be used: \(reason)") }
            if fingerprint == signer, !info.hasSecret {
                throw OpenPGPError(.unusableKey, "the secret key of \(fingerprint) is not in the keyring \(home.path)")
            }
        }
        let signers = signers
        // One recipient a line; the first line says that no options follow.
        var seen: Set<Fingerprint> = []
        let list = (["--"] + recipients.filter { seen.insert($0).inserted }.map(\.hex)).joined(separator: "\n")
        return try await perform(secret: true) { attempt in
            try signers.with(signer, attempt) { key in
                let output = BoundedOutput(limit: plaintext.count + 65_536 + 1024 * recipients.count)
                return try withInput(plaintext) { input in
                    try output.with { cipher in
                        gpgme_signers_clear(attempt.context.pointer)
                        guard code(gpgme_signers_add(attempt.context.pointer, key)) == GPG_ERR_NO_ERROR else {
                            throw OpenPGPError(.engine, "the signer can't be set")
                        }
                        let flags =
                            GPGME_ENCRYPT_ALWAYS_TRUST.rawValue | GPGME_ENCRYPT_NO_ENCRYPT_TO.rawValue | GPGME_ENCRYPT_NO_COMPRESS.rawValue
                        let result = try attempt.run {
                            gpgme_op_encrypt_sign_ext($0, nil, list, gpgme_encrypt_flags_t(flags), input, cipher)
                        }
                        try SealReport(attempt.context.pointer).check(result, signer: signer)
                        return output.bytes
                    }
                }
            }
        }
    }

    /// See ``OpenPGPEngine/open(_:limits:)``.
    ///
    /// The outer form is checked before gpg starts: public-key session keys (at most 256, of which 16 with a hidden recipient), then one
    /// container with integrity protection, then nothing.
    public func open(_ message: [UInt8], limits: OpenLimits) async throws -> OpenedData {
        // What is sealed is a little longer than what is in it; what is much longer is not worth a start of gpg.
        guard message.count / 2 <= max(0, limits.plaintextBytes) + (1 << 18) else {
            throw OpenPGPError(.tooBig, "the message is longer than the limit allows")
        }
        let encrypted = message.count < 1 << 18 ? try EncryptedMessage(reading: message) : try await Self.outerForm(of: message)
        do {
            return try await openOnce(encrypted, limits: limits)
        } catch is OpenReport.CutShort {
            do {
                return try await openOnce(encrypted, limits: limits)
            } catch let again as OpenReport.CutShort {
                throw again.verdict
            }
        }
    }

    private func openOnce(_ encrypted: EncryptedMessage, limits: OpenLimits) async throws -> OpenedData {
        try await perform(limit: limits.time, secret: true) { attempt in
            let output = BoundedOutput(limit: limits.plaintextBytes)
            return try withInput(encrypted.bytes) { input in
                try output.with { plain in
                    let result = try attempt.run { gpgme_op_decrypt_verify($0, input, plain) }
                    guard !output.exceeded else {
                        throw OpenPGPError(.tooBig, "the message's content is longer than \(limits.plaintextBytes) bytes")
                    }
                    let report = OpenReport(result: result, context: attempt.context.pointer, log: attempt.log)
                    return OpenedData(plaintext: output.bytes, signatures: try report.signatures())
                }
            }
        }
    }

    /// Megabytes, armored perhaps, are not read on the caller's executor.
    @concurrent private static func outerForm(of message: [UInt8]) async throws(OpenPGPError) -> EncryptedMessage {
        try EncryptedMessage(reading: message)
    }
}
