import XML
import XMPP

/// What may stand in a payload (R5, S10, A25), for elements that handlers declare and for those that they send.
enum PayloadRules {
    /// Elements of these namespaces concern the stanza around a payload, the server, or another way of encrypting. A client that puts
    /// a payload's children into the stanza (Libervia) would let them speak for it.
    private static let outer: Set<String> = [
        Namespace.openPGP, Namespace.openPGPMessaging, Namespace.forward, Namespace.carbons, Namespace.archive, Namespace.hints,
        Namespace.stanzaIDs, Namespace.encryption, Namespace.delay, Namespace.streams, Namespace.stanzaErrors, Namespace.gatewayRelay,
        Namespace.receipts,
    ]
    /// Elements of the stanza's own namespace that aren't content.
    private static let own: Set<String> = ["error", "id", "thread", "message", "presence", "iq"]

    /// Whether an element may not be the child of a payload that we handle or send.
    static func forbids(_ name: Name) -> Bool {
        if outer.contains(name.namespace) || name.namespace.isEmpty { return true }
        return (name.namespace == Namespace.client || name.namespace == Namespace.server) && own.contains(name.local)
    }

    /// Whether an element may not be sent: itself, or something that it wraps (R5).
    static func forbids(_ element: Element) -> Bool {
        forbids(element.name) || element.elements.contains(where: wraps)
    }

    /// Whether an encrypted, forwarded, copied or archived message stands in there (R5).
    private static func wraps(_ element: Element) -> Bool {
        switch (element.namespace, element.local) {
        case (Namespace.openPGP, _), (Namespace.forward, _), (Namespace.carbons, _), (Namespace.archive, _): true
        default: element.elements.contains(where: wraps)
        }
    }
}
