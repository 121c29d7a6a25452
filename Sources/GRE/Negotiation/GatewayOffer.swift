public import XMPP

/// What a gateway says about itself (GRE § Discovering Support, R19).
public struct GatewayOffer: Hashable, Sendable {
    /// The formatters that it relays, without repetitions, in its order.
    public var formatters: [KindName]
    /// The encrypters that it relays.
    public var encrypters: [KindName]
    /// Whether it refuses everything that isn't encrypted in this way.
    public var encryptedOnly: Bool

    /// Makes an offer.
    public init(formatters: [KindName], encrypters: [KindName], encryptedOnly: Bool) {
        self.formatters = formatters
        self.encrypters = encrypters
        self.encryptedOnly = encryptedOnly
    }

    /// Reads what a domain answers in disco; `nil` if it isn't a gateway with relayed encryption: it needs an identity of category
    /// `gateway` and the feature `urn:xmpp:gre:0`. Clients announce that feature too, so it doesn't do alone.
    ///
    /// Features may be repeated (Libervia does), and unknown ones are passed over.
    public init?(domain info: DiscoInfo) {
        guard !XMPP.Gateway.identities(in: info).isEmpty, info.features.contains(Namespace.gatewayRelay) else { return nil }
        self.init(features: info.features)
    }

    /// What is left of the offer where a recipient's own answer is narrower: that may take away, and never add (R19). An answer without
    /// the feature says nothing about relayed encryption, and takes nothing away.
    public func narrowed(by info: DiscoInfo) -> GatewayOffer {
        guard info.features.contains(Namespace.gatewayRelay) else { return self }
        let own = GatewayOffer(features: info.features)
        return GatewayOffer(
            formatters: own.formatters.isEmpty ? formatters : formatters.filter(own.formatters.contains),
            encrypters: own.encrypters.isEmpty ? encrypters : encrypters.filter(own.encrypters.contains),
            encryptedOnly: encryptedOnly || own.encryptedOnly
        )
    }

    /// What it offers, in words; nothing of it is longer than an operator reads.
    public var words: String {
        func list(_ kinds: [KindName]) -> String {
            kinds.isEmpty ? "none" : kinds.prefix(16).map { String($0.namespace.prefix(120)) }.joined(separator: ", ")
        }
        return "formatters: \(list(formatters)); encrypters: \(list(encrypters))"
    }

    private init(features: [String]) {
        var formatters: [KindName] = []
        var encrypters: [KindName] = []
        for kind in features.lazy.compactMap({ KindName($0) }) {
            switch kind.role {
            case .formatter where !formatters.contains(kind): formatters.append(kind)
            case .encrypter where !encrypters.contains(kind): encrypters.append(kind)
            default: break
            }
        }
        self.init(
            formatters: formatters,
            encrypters: encrypters,
            encryptedOnly: features.contains(Namespace.gatewayRelayOnly)
        )
    }
}
