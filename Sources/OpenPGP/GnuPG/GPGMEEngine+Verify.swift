internal import CGPGME

extension GPGMEEngine {
    /// See ``OpenPGPEngine/verify(_:signature:)``. Needs no agent; all signatures together have ``Options/time``.
    ///
    /// gpg is given one signature at a time: it checks only the first of several whose classes differ, and, run for a detached signature,
    /// stops at the first that isn't good.
    public func verify(_ content: [UInt8], signature: [UInt8]) async throws -> [SignatureInfo] {
        let detached = try DetachedSignature(reading: signature)
        return try await perform(secret: false) { attempt in
            let ambiguity = detached.parts.contains(where: \.isText) ? TextForm.ambiguity(in: content) : nil
            return try detached.parts.map { part in
                guard part.version == 4 else {
                    return SignatureInfo(verdict: .error("it is of version \(part.version)"), primary: nil, signer: "", created: 0)
                }
                let log = StatusLog(passphrase: nil)
                let one = Attempt(context: attempt.context, log: log, interruption: attempt.interruption)
                let result = try withInput(part.packet) { packet in
                    try withInput(content) { content in try one.run { gpgme_op_verify($0, packet, content, nil) } }
                }
                var info = try VerifyReport(result: result, context: attempt.context.pointer, log: log).signature()
                if part.isText, info.verdict == .good, let ambiguity { info.verdict = .error(ambiguity) }
                return info
            }
        }
    }
}

/// What GPGME and gpg say about one detached signature, and what follows from it.
struct VerifyReport {
    private let result: gpgme_error_t
    private let context: OpaquePointer
    private let log: StatusLog

    init(result: gpgme_error_t, context: OpaquePointer, log: StatusLog) {
        self.result = result
        self.context = context
        self.log = log
    }

    /// The one signature, good or not; throws if there isn't exactly one, or if gpg found data of its own beside it.
    func signature() throws -> SignatureInfo {
        switch code(result) {
        case GPG_ERR_NO_ERROR, GPG_ERR_BAD_SIGNATURE: break
        case GPG_ERR_NO_DATA: throw OpenPGPError(.malformed, "GnuPG finds no signature in it")
        default: throw OpenPGPError(.engine, "verifying failed: \(describe(result))")
        }
        guard !log.overflowed, log.count("NODATA") == 0, log.count("UNEXPECTED") == 0, log.count("PLAINTEXT") == 0 else {
            throw OpenPGPError(.malformed, "there is something in the signature that does not belong there")
        }
        guard let verification = gpgme_op_verify_result(context), let signature = verification.pointee.signatures,
            signature.pointee.next == nil, log.count("NEWSIG") == 1
        else { throw OpenPGPError(.malformed, "GnuPG does not report on exactly one signature") }
        return SignatureInfo(signature.pointee, log: log)
    }
}
