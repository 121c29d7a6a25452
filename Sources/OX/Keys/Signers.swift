import OpenPGP

/// The keys that an account knows for one peer, by what their signatures are worth (S2–S4).
struct Signers: Hashable, Sendable {
    /// Keys whose signatures are accepted, and why.
    var trusted: [Fingerprint: Pin.Source] = [:]
    /// Keys that are known and not trusted: held or refused.
    var distrusted: Set<Fingerprint> = []

    /// Whether reading the peer's list might change the verdict: a signature is by a key that we don't know as theirs.
    func lacks(_ signatures: [SignatureInfo]) -> Bool {
        signatures.contains { signature in
            switch signature.verdict {
            case .unknownKey: true
            case .good: signature.primary.map { trusted[$0] == nil && !distrusted.contains($0) } ?? true
            default: false
            }
        }
    }

    /// Accepts the signatures of a message only if there are some, and every one is good and by a trusted key of this peer.
    ///
    /// - Returns: The key of the first signature, and where trust in it comes from.
    func judge(_ signatures: [SignatureInfo]) throws(OpenRefusal) -> (Fingerprint, Pin.Source) {
        guard let first = signatures.first else { throw OpenRefusal(.unsigned, "the message is not signed") }
        var accepted: (Fingerprint, Pin.Source)?
        for signature in [first] + signatures.dropFirst() {
            let found = try judge(signature)
            accepted = accepted ?? found
        }
        guard let accepted else { throw OpenRefusal(.unsigned, "the message is not signed") }
        return accepted
    }

    private func judge(_ signature: SignatureInfo) throws(OpenRefusal) -> (Fingerprint, Pin.Source) {
        switch signature.verdict {
        case .good: break
        case .unknownKey:
            guard !trusted.isEmpty || !distrusted.isEmpty else {
                throw OpenRefusal(.untrusted, "no key of the sender is known; it is signed by \(signature.signer)")
            }
            if !distrusted.isEmpty {
                throw OpenRefusal(
                    .untrusted,
                    "signed by \(signature.signer), which is not a trusted key of the sender; keys of theirs are held or refused"
                )
            }
            throw OpenRefusal(.wrongSigner, "signed by \(signature.signer), which is not a key of the sender")
        case .bad: throw OpenRefusal(.badSignature, "a signature by \(signature.signer) does not match the content")
        case .expired: throw OpenRefusal(.badSignature, "the signature by \(signature.signer), or its key, has expired")
        case .revoked: throw OpenRefusal(.badSignature, "the key \(signature.signer) is revoked")
        case .error(let text): throw OpenRefusal(.badSignature, "the signature by \(signature.signer) can't be verified: \(text)")
        }
        guard let primary = signature.primary else {
            throw OpenRefusal(.wrongSigner, "signed by \(signature.signer), which is not a key of the sender")
        }
        if let source = trusted[primary] { return (primary, source) }
        if distrusted.contains(primary) {
            throw OpenRefusal(.untrusted, "signed by \(primary), which is held or refused; see oxbow keys")
        }
        throw OpenRefusal(
            trusted.isEmpty && distrusted.isEmpty ? .untrusted : .wrongSigner,
            "signed by \(primary), which is not a key of the sender"
        )
    }
}
