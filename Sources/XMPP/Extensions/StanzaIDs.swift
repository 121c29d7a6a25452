internal import XML

/// Ids that stay with a message (XEP-0359).
public enum StanzaIDs {
    /// The id that the sender gave; unauthenticated.
    public static func originID(of message: Message) -> String? {
        message.element.first("origin-id", Namespace.stanzaIDs)?["id"]
    }

    /// The id that an entity, such as our own server's archive, gave. Only what that entity is trusted to have stamped or removed counts.
    public static func stanzaID(of message: Message, by entity: Address) -> String? {
        let stamps = message.element.all("stanza-id", Namespace.stanzaIDs).filter { $0["by"].flatMap { Address($0) } == entity }
        // Two by the same entity: one of them is forged (XEP-0359 § 6), and nothing tells which.
        return stamps.count == 1 ? stamps[0]["id"] : nil
    }

    static func element(originID: String) -> Element {
        Element("origin-id", Namespace.stanzaIDs, ["id": originID])
    }
}
