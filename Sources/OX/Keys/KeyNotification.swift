import XML
public import XMPP

/// A notice that somebody's list of keys has changed (XEP-0373 § 4.5), with or without the list in it (T11).
public struct KeyNotification: Hashable, Sendable {
    /// Whose list has changed: the stanza's sender and nobody else, whatever is inside (A24).
    public let owner: Address
    /// Whether it is the account's own list (P10).
    public let isOwn: Bool

    /// Reads a message; `nil` if it is no such notice, or not from the bare JID of an account.
    ///
    /// The contents are not used: the list is fetched, with a request of ours whose answer third parties can't forge.
    public init?(_ message: Message, account: Address) {
        guard message.kind == .headline || message.kind == .normal, let event = PubSubEvent(message), event.node == KeyNode.list else {
            return nil
        }
        // An event of our own account may come without `from` (RFC 6120 § 8.1.2.1).
        guard message.element["from"] == nil || event.from.isBare else { return nil }
        owner = event.from.bare
        isOwn = owner == account.bare
    }
}
