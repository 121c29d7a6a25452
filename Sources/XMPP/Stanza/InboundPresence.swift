public import XML

/// Presence that has arrived (RFC 6121 § 3.1, § 4.7.1).
public struct InboundPresence: Hashable, Sendable {
    /// RFC 6121 § 4.7.1.
    public enum Kind: String, Sendable {
        case available
        case unavailable
        case subscribe
        case subscribed
        case unsubscribe
        case unsubscribed
        case probe
        case error
    }
    /// Who sent it.
    public let from: Address
    /// What it says.
    public let kind: Kind
    /// The stanza as it came.
    public let element: Element

    /// Reads a presence stanza; `nil` if it is none, or if an address or the type is malformed.
    public init?(_ element: Element, account: Address) {
        guard element.local == "presence", element.namespace == Namespace.client else { return nil }
        guard let from = element["from"].map({ Address($0) }) ?? account else { return nil }
        guard let kind = element["type"].map({ Kind(rawValue: $0) }) ?? .available else { return nil }
        self.from = from
        self.kind = kind
        self.element = element
    }
}
