public import XML

/// Gateways to other networks (XEP-0100): how to tell one, and how it names its contacts.
public enum Gateway {
    /// The category of a gateway's identity (XEP-0100 § 3).
    public static let category = "gateway"

    /// The identities of an entity as a gateway, in its order; empty if it is none.
    public static func identities(in info: DiscoInfo) -> [DiscoInfo.Identity] {
        info.identities.filter { $0.category == category }
    }

    /// Whether names can be written as localparts (XEP-0106 § 6); where not, the gateway is to be asked with ``resolve(_:at:)``.
    public static func readsEscapedNames(_ info: DiscoInfo) -> Bool {
        info.features.contains(Namespace.escaping)
    }

    /// The address of somebody on the other network, by XEP-0106: `carol@example.org` becomes `carol\40example.org@GATEWAY`.
    ///
    /// Returns `nil` for a name that can't be a localpart, even escaped.
    public static func address(of name: String, at gateway: Address) -> Address? {
        guard !name.isEmpty, let local = JIDEscaping.escape(name),
            let address = Address(local: local, domain: gateway.domain)
        else { return nil }
        // What nodeprep changed would reach somebody else; case is all that it may fold.
        guard let back = Gateway.name(of: address, at: gateway), back.lowercased() == name.lowercased()
        else { return nil }
        return address
    }

    /// The name on the other network of one of the gateway's addresses; `nil` if the address is another's, or the gateway itself.
    public static func name(of address: Address, at gateway: Address) -> String? {
        guard address.domain == gateway.domain, let local = address.local else { return nil }
        return JIDEscaping.unescape(local)
    }

    /// Asks a gateway for the address of a name (XEP-0100 § 4.8).
    public static func resolve(_ name: String, at gateway: Address) -> Request {
        let prompt = Element("prompt", Namespace.gatewayPrompt, text: name)
        return Request(.set, to: gateway, Element("query", Namespace.gatewayPrompt, [:], [prompt]))
    }

    /// The address in an answer to ``resolve(_:at:)``; one of another domain than the gateway's isn't taken. Old gateways answer with
    /// `<prompt/>` in place of `<jid/>`.
    public static func resolved(in answer: Element?, at gateway: Address) -> Address? {
        guard let answer, answer.is("query", Namespace.gatewayPrompt) else { return nil }
        let text =
            (answer.first("jid", Namespace.gatewayPrompt)
            ?? answer.first("prompt", Namespace.gatewayPrompt))?.text
        guard let address = text.flatMap({ Address($0) }), address.domain == gateway.domain,
            address.local != nil
        else { return nil }
        return address.bare
    }
}
