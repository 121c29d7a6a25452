public import XML

extension OutboundStanza {
    /// The text that clients without OX show; the same for every message, so that it tells nothing (E7, S15).
    public static let fallbackBody = "This message is encrypted with OpenPGP (XEP-0374); your client can't show it."

    /// The same for messages to people behind gateways; a gateway that relays the ciphertext leaves it out.
    public static let gatewayFallbackBody = "This message is end-to-end encrypted for relaying by a gateway; your client can't show it."

    /// The stanza as it goes out. It has no `from`: the server puts the session's address there (RFC 6120 § 8.1.2.1).
    ///
    /// - Parameter capabilities: What available presence says about us (XEP-0115).
    public func element(capabilities: Capabilities? = nil) -> Element {
        switch self {
        case .sealed(let message): message.element
        case .refusal(let refusal): refusal.element
        case .receipt(let receipt): receipt.element
        case .presence(let presence): presence.element(capabilities: capabilities)
        }
    }
}

extension SealedMessage {
    /// What E7 and R7 allow, and nothing else.
    var element: Element {
        var children: [Element] = []
        switch envelope {
        case .openPGP(let base64):
            children.append(Element("body", Namespace.client, text: OutboundStanza.fallbackBody))
            children.append(Element("openpgp", Namespace.openPGP, text: base64))
            children.append(ExplicitEncryption.element(Namespace.openPGP, name: nil))
        case .gateway(let envelope):
            children.append(Element("body", Namespace.client, text: OutboundStanza.gatewayFallbackBody))
            if let thread = envelope.thread { children.append(Element("thread", Namespace.client, text: thread)) }
            children.append(envelope.element)
            // Not in the registry of XEP-0380 § 5, so it comes with a name.
            children.append(ExplicitEncryption.element(Namespace.gatewayRelay, name: "Gateway Relayed Encryption"))
        }
        children.append(ProcessingHints.store)
        children.append(StanzaIDs.element(originID: id))
        if requestsReceipt { children.append(Receipts.request) }
        return Element("message", Namespace.client, ["type": "chat", "to": to.description, "id": id], children)
    }
}

extension Refusal {
    var element: Element {
        let error = StanzaError("not-acceptable", .modify, text: text)
        return Element("message", Namespace.client, ["type": "error", "to": to.description, "id": id], [error.element])
    }
}

extension Receipt {
    var element: Element {
        Element("message", Namespace.client, ["type": "chat", "to": to.description], [Receipts.received(messageID)])
    }
}

extension Presence {
    func element(capabilities: Capabilities?) -> Element {
        let (type, to): (String?, Address?) =
            switch kind {
            case .available: (nil, nil)
            case .unavailable: ("unavailable", nil)
            case .subscribe(let address): ("subscribe", address)
            case .subscribed(let address): ("subscribed", address)
            case .unsubscribe(let address): ("unsubscribe", address)
            case .unsubscribed(let address): ("unsubscribed", address)
            }
        // Subscriptions are between accounts, never between resources (RFC 6121 § 3.1.1).
        var element = Element("presence", Namespace.client, ["type": type, "to": to?.bare.description])
        if kind == .available, let capabilities { element.append(capabilities.element) }
        return element
    }
}

extension Request {
    /// The IQ as it goes out.
    ///
    /// - Parameter id: Not to be guessed by others, and not in use by another request of the session.
    public func element(id: String) -> Element {
        Element("iq", Namespace.client, ["type": kind.rawValue, "id": id, "to": to?.description], [payload])
    }
}
