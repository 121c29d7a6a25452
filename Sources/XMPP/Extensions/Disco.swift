public import XML

/// What an entity is and can do: the answer to `disco#info` (XEP-0030 § 3).
public struct DiscoInfo: Hashable, Sendable {
    /// What an entity is.
    public struct Identity: Hashable, Sendable {
        /// The category, such as `client`.
        public var category: String
        /// The type, such as `bot`.
        public var type: String
        /// The language of the name, if it has one.
        public var language: String?
        /// A name for people, if it has one.
        public var name: String?

        /// Makes an identity.
        public init(_ category: String, _ type: String, language: String? = nil, name: String? = nil) {
            self.category = category
            self.type = type
            self.language = language
            self.name = name
        }
    }

    /// What it is.
    public var identities: [Identity]
    /// What it can do.
    public var features: [String]
    /// More about it (XEP-0128).
    public var forms: [DataForm]

    /// Makes an answer.
    public init(identities: [Identity], features: [String], forms: [DataForm] = []) {
        self.identities = identities
        self.features = features
        self.forms = forms
    }

    /// Reads an answer; `nil` if the element is none. Identities without category or type and features without a name are left out.
    public init?(_ element: Element) {
        guard element.is("query", Namespace.discoInfo) else { return nil }
        identities = element.all("identity", Namespace.discoInfo).compactMap { identity in
            guard let category = identity["category"], let type = identity["type"] else { return nil }
            let language = identity.attributes[Name("lang", Element.xmlNamespace)]
            return Identity(category, type, language: language, name: identity["name"])
        }
        features = element.all("feature", Namespace.discoInfo).compactMap { $0["var"] }
        forms = element.elements.compactMap(DataForm.init)
    }

    /// The answer as an element.
    public func element(node: String? = nil) -> Element {
        var query = Element("query", Namespace.discoInfo, ["node": node])
        for identity in identities {
            var element = Element(
                "identity",
                Namespace.discoInfo,
                ["category": identity.category, "type": identity.type, "name": identity.name]
            )
            if let language = identity.language { element.attributes[Name("lang", Element.xmlNamespace)] = language }
            query.append(element)
        }
        for feature in features { query.append(Element("feature", Namespace.discoInfo, ["var": feature])) }
        for form in forms { query.append(form.element) }
        return query
    }

    /// Asks an entity what it is and can do.
    public static func request(to entity: Address, node: String? = nil) -> Request {
        Request(.get, to: entity, Element("query", Namespace.discoInfo, ["node": node]))
    }
}

/// Answers service discovery: what we are, derived from what is loaded, and that nothing is found at us.
struct DiscoHandler: IQHandler {
    /// What we are.
    let info: DiscoInfo
    /// The name under which capabilities stand in presence: `node#ver` is asked about, too (XEP-0115 § 6.2).
    let capabilities: Capabilities

    let payloads = [Name("query", Namespace.discoInfo), Name("query", Namespace.discoItems)]
    let features = [Namespace.discoInfo, Namespace.discoItems]

    func respond(to payload: Element, kind: Request.Kind, from sender: Address) async throws -> Element? {
        guard kind == .get else { throw StanzaError("not-allowed", .cancel) }
        let node = payload["node"]
        if payload.namespace == Namespace.discoItems {
            guard node == nil else { throw StanzaError("item-not-found", .cancel) }
            return Element("query", Namespace.discoItems)
        }
        guard node == nil || node == "\(capabilities.node)#\(capabilities.version)" else { throw StanzaError("item-not-found", .cancel) }
        return info.element(node: node)
    }
}
