public import XML

/// A message that has arrived: a view on the stanza that came, with addresses normalised (RFC 6121 § 5).
public struct Message: Hashable, Sendable {
    /// RFC 6121 § 5.2.2.
    public enum Kind: String, Sendable {
        case normal
        case chat
        case groupchat
        case headline
        case error
    }
    /// Who sent it, as the server vouches. A stanza without `from` comes from the account itself (RFC 6120 § 8.1.2.1).
    public let from: Address
    /// Whom it is addressed to; the account's bare JID where the stanza says nothing.
    public let to: Address
    /// The stanza's id.
    public let id: String?
    /// The stanza's type; an unknown or absent one is `normal`.
    public let kind: Kind
    /// The stanza as it came.
    public let element: Element

    /// Reads a message stanza that the stream of `account` has delivered.
    ///
    /// Returns `nil` if the element is no message or an address in it is malformed.
    public init?(_ element: Element, account: Address) {
        guard element.local == "message", element.namespace == Namespace.client || element.namespace == Namespace.server else { return nil }
        var from = account
        if let text = element["from"] {
            guard let address = Address(text) else { return nil }
            from = address
        }
        var to = account.bare
        if let text = element["to"] {
            guard let address = Address(text) else { return nil }
            to = address
        }
        self.from = from
        self.to = to
        self.id = element["id"]
        self.kind = element["type"].flatMap(Kind.init(rawValue:)) ?? .normal
        self.element = element
    }
}
