internal import XML

/// What a server offers for logging in: its mechanisms (RFC 6120 § 6.3.3) and channel binding types (XEP-0440), as they came.
struct SASLOffer: Hashable, Sendable {
    /// The mechanisms in the server's order.
    var mechanisms: [String]
    /// The channel binding types; `nil` if the server sent no list.
    var bindings: [String]?

    /// Makes an offer.
    init(mechanisms: [String], bindings: [String]? = nil) {
        self.mechanisms = mechanisms
        self.bindings = bindings
    }

    /// Reads stream features; `nil` if login isn't offered.
    init?(features: Element) {
        guard let list = features.first("mechanisms", Namespace.sasl) else { return nil }
        mechanisms = list.all("mechanism", Namespace.sasl).map(\.text)
        bindings = features.first("sasl-channel-binding", Namespace.channelBinding).map {
            $0.all("channel-binding", Namespace.channelBinding).compactMap { $0["type"] }
        }
    }

    /// What XEP-0474 § 4 hashes.
    var proofText: [UInt8] {
        func list(_ values: [String]) -> [UInt8] {
            // "i;octet": by bytes, which isn't how Swift compares strings.
            Array(values.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }.joined(separator: [0x1E]))
        }
        return list(mechanisms) + (bindings.map { [0x1F] + list($0) } ?? [])
    }
}
