/// Which mechanism a login uses: R13, XEP-0440 § 3.3 and XEP-0474 § 5.
struct MechanismChoice: Hashable, Sendable {
    /// The way to log in.
    enum Way: Hashable, Sendable {
        /// SCRAM. Without `needsProof` an offer that XEP-0474 doesn't prove is accepted.
        case scram(SCRAMHash, SCRAM.Binding, needsProof: Bool)
        /// PLAIN, inside TLS.
        case plain
    }
    /// The way to log in.
    var way: Way
    /// Whether a refusal may mean that the server doesn't know the binding's type, since it sent no list; then it is tried without.
    var bindingIsUnlisted = false
    /// What the operator should know.
    var warning: String?

    /// Why there is no way to log in, in words for the operator.
    struct Refusal: Error, Hashable {
        let message: String
    }

    /// Chooses.
    ///
    /// - Parameters:
    ///   - available: The channel bindings of this connection, best first.
    ///   - avoidsUnlisted: A binding without a list was tried and refused on this connection or the last.
    static func choose(
        from offer: SASLOffer,
        available: [ChannelBinding],
        pins: LoginPins,
        allowPlain: Bool,
        avoidsUnlisted: Bool
    ) throws(Refusal) -> MechanismChoice {
        // Strongest first; binding to the connection is worth more than a longer hash.
        let hashes = SCRAMHash.allCases.reversed()
        let bound = hashes.first { offer.mechanisms.contains("SCRAM-\($0.rawValue)-PLUS") }
        let plain = hashes.first { offer.mechanisms.contains("SCRAM-\($0.rawValue)") }

        if let bound {
            return try withPlus(bound, plain, offer: offer, available: available, pins: pins, avoidsUnlisted: avoidsUnlisted)
        }
        guard let plain else { return try withoutSCRAM(offer, pins: pins, allowPlain: allowPlain) }
        if let types = offer.bindings, !types.isEmpty {
            // XEP-0440 § 3.3: types without a mechanism for them look like mechanisms that somebody has taken out.
            throw Refusal(
                message: "The server lists channel binding types but offers no SCRAM -PLUS mechanism: its list may have been tampered with."
            )
        }
        let binding: SCRAM.Binding = available.isEmpty ? .unused : .notOffered
        return MechanismChoice(way: .scram(plain, binding, needsProof: pins.channelBinding))
    }

    private static func withPlus(
        _ bound: SCRAMHash,
        _ plain: SCRAMHash?,
        offer: SASLOffer,
        available: [ChannelBinding],
        pins: LoginPins,
        avoidsUnlisted: Bool
    ) throws(Refusal) -> MechanismChoice {
        let usable = available.first { binding in offer.bindings.map { $0.contains(binding.kind.rawValue) } ?? true }
        if let usable, offer.bindings != nil || !avoidsUnlisted {
            return MechanismChoice(way: .scram(bound, .used(usable), needsProof: false), bindingIsUnlisted: offer.bindings == nil)
        }
        guard let plain else {
            throw Refusal(
                message:
                    "The server offers only SCRAM with channel binding, by types that we don't have (\(list(offer.bindings ?? []))) on this connection."
            )
        }
        // XEP-0474 § 5 rule 6: every server should have tls-server-end-point, so a list without it and without anything of ours needs
        // a proof that it wasn't shortened.
        let suspicious = offer.bindings.map { !$0.contains(ChannelBinding.Kind.serverEndPoint.rawValue) } ?? false
        let warning =
            offer.bindings.map { "The server's channel binding types (\(list($0))) are not available: logging in without." }
            ?? "The server offers channel binding without saying which types (XEP-0440) and takes none of ours: logging in without."
        return MechanismChoice(way: .scram(plain, .unused, needsProof: pins.channelBinding || suspicious), warning: warning)
    }

    private static func withoutSCRAM(_ offer: SASLOffer, pins: LoginPins, allowPlain: Bool) throws(Refusal) -> MechanismChoice {
        guard offer.mechanisms.contains("PLAIN") else {
            throw Refusal(message: "The server offers no login mechanism that we have: \(list(offer.mechanisms)). SCRAM is needed.")
        }
        guard !pins.scram, !pins.channelBinding else {
            throw Refusal(
                message: "The server offers only PLAIN, though it has had SCRAM before: somebody may be after the password. "
                    + "If its operator confirms the change: oxbow forget-login."
            )
        }
        guard allowPlain else {
            throw Refusal(
                message: "The server offers only PLAIN, which shows it the password; allow it in the configuration if that is wanted."
            )
        }
        return MechanismChoice(way: .plain)
    }

    /// Names that a server sent, for a message: few and short.
    private static func list(_ names: [String]) -> String {
        names.isEmpty
            ? "none"
            : names.prefix(8).map { String($0.unicodeScalars.filter { (0x21...0x7E).contains($0.value) }.prefix(30).map(Character.init)) }
                .joined(separator: ", ")
    }
}
