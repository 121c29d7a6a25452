public import XML

/// Hands requests to the handlers that are loaded, answers all others with the right error, and knows what disco says (RFC 6120 § 8.2.3).
public struct IQRouter: Sendable {
    /// What disco answers: derived from what is loaded.
    public let info: DiscoInfo
    /// The hash of it for presence.
    public let capabilities: Capabilities

    private let handlers: [Name: any IQHandler]

    /// Loads handlers. Where two take the same payload, the first has it. Service discovery is always there.
    ///
    /// - Parameters:
    ///   - features: What we can do besides the handlers' features, such as `urn:xmpp:receipts` or a node's name with `+notify`.
    ///   - identity: What we are.
    ///   - node: A URI that names the software (XEP-0115).
    public init(
        _ handlers: [any IQHandler],
        features: [String] = [],
        identity: DiscoInfo.Identity = DiscoInfo.Identity("client", "bot"),
        node: String
    ) {
        let own = [Namespace.discoInfo, Namespace.discoItems, Namespace.caps]
        let announced = Set(own + features + handlers.flatMap(\.features)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let info = DiscoInfo(identities: [identity], features: announced)
        // Ill-formed is only what repeats itself or has a "<"; then there is nothing that a hash could stand for.
        let capabilities = Capabilities(info, node: node) ?? Capabilities(unhashable: node)
        self.info = info
        self.capabilities = capabilities
        var table: [Name: any IQHandler] = [:]
        for handler in [DiscoHandler(info: info, capabilities: capabilities)] + handlers {
            for payload in handler.payloads where table[payload] == nil { table[payload] = handler }
        }
        self.handlers = table
    }

    /// Answers an IQ.
    ///
    /// - Parameters:
    ///   - stanza: An `<iq/>` that the stream of `account` has delivered.
    ///   - isHeard: Whether anything at all is answered to this address (R3); the account itself and its server always are.
    /// - Returns: The IQ that goes back; `nil` for results and errors, which are never answered, for strangers, and for what has no
    ///   address or id to answer to.
    public func answer(_ stanza: Element, account: Address, isHeard: (Address) -> Bool = { _ in true }) async -> Element? {
        guard stanza.is("iq", Namespace.client), let type = stanza["type"], type != "result", type != "error", let id = stanza["id"] else {
            return nil
        }
        // RFC 6120 § 8.1.2.1: without a sender it is the account's own.
        guard let sender = stanza["from"].map({ Address($0) }) ?? account.bare else { return nil }
        guard sender.bare == account.bare || sender == account.domainAddress || isHeard(sender) else { return nil }
        var reply = Element("iq", Namespace.client, ["id": id, "to": stanza["from"], "type": "result"])
        do {
            if let result = try await respond(to: stanza, type, from: sender) { reply.append(result) }
        } catch let error as StanzaError {
            reply["type"] = "error"
            reply.append(error.element)
        } catch {
            reply["type"] = "error"
            reply.append(StanzaError("internal-server-error", .wait).element)
        }
        return reply
    }

    private func respond(to stanza: Element, _ type: String, from sender: Address) async throws -> Element? {
        let children = stanza.elements
        guard let kind = Request.Kind(rawValue: type), children.count == 1 else { throw StanzaError("bad-request", .modify) }
        guard let handler = handlers[children[0].name] else { throw StanzaError("service-unavailable", .cancel) }
        return try await handler.respond(to: children[0], kind: kind, from: sender)
    }
}

extension Capabilities {
    fileprivate init(unhashable node: String) {
        self.init(hash: "sha-1", node: node, version: "")
    }
}
