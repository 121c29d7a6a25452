public import XML

/// Requests about publish-subscribe nodes (XEP-0060), and what comes back. Without a service they are about the account's own personal
/// eventing nodes (XEP-0163).
public enum PubSub {
    /// An item of a node.
    public struct Item: Hashable, Sendable {
        /// The item's id, unique in its node.
        public var id: String?
        /// What was published; a service that was told not to deliver it leaves it out.
        public var payload: Element?

        /// Makes an item.
        public init(id: String?, payload: Element?) {
            self.id = id
            self.payload = payload
        }

        init(_ element: Element) {
            self.init(id: element["id"], payload: element.elements.first)
        }

        var element: Element {
            Element("item", Namespace.pubsub, ["id": id], payload.map { [$0] } ?? [])
        }
    }

    /// Asks for items: those with these ids, or the newest `max`, or all.
    public static func items(of node: String, at service: Address? = nil, max: Int? = nil, ids: [String] = []) -> Request {
        let wanted = ids.map { Element("item", Namespace.pubsub, ["id": $0]) }
        let items = Element("items", Namespace.pubsub, ["node": node, "max_items": max.map(String.init)], wanted)
        return Request(.get, to: service, Element("pubsub", Namespace.pubsub, [:], [items]))
    }

    /// The items in an answer to ``items(of:at:max:ids:)``, in the service's order; empty if it is about another node.
    public static func items(of node: String, in answer: Element?) -> [Item] {
        guard let items = answer?.first("items", Namespace.pubsub), items["node"] == nil || items["node"] == node else { return [] }
        return items.all("item", Namespace.pubsub).map(Item.init)
    }

    /// Publishes an item.
    ///
    /// - Parameter options: Preconditions on the node's configuration, by full names such as `pubsub#access_model`; a node that doesn't
    ///   exist yet is made so (XEP-0060 § 7.1.5). Not met, the answer is ``StanzaError`` `conflict` with `precondition-not-met`.
    public static func publish(_ item: Item, to node: String, at service: Address? = nil, options: [(String, String)] = []) -> Request {
        var children = [Element("publish", Namespace.pubsub, ["node": node], [item.element])]
        if !options.isEmpty {
            let form = DataForm("submit", type: Namespace.publishOptions, options.map { DataForm.Field($0.0, [$0.1]) })
            children.append(Element("publish-options", Namespace.pubsub, [:], [form.element]))
        }
        return Request(.set, to: service, Element("pubsub", Namespace.pubsub, [:], children))
    }

    /// Takes an item back.
    ///
    /// - Parameter notify: Whether subscribers are told.
    public static func retract(_ id: String, from node: String, at service: Address? = nil, notify: Bool = true) -> Request {
        let item = Element("item", Namespace.pubsub, ["id": id])
        let retract = Element("retract", Namespace.pubsub, ["node": node, "notify": notify ? "true" : nil], [item])
        return Request(.set, to: service, Element("pubsub", Namespace.pubsub, [:], [retract]))
    }

    /// Asks for a node's configuration (XEP-0060 § 8.2); see ``configuration(in:)``.
    public static func configuration(of node: String, at service: Address? = nil) -> Request {
        Request(.get, to: service, owner(Element("configure", Namespace.pubsubOwner, ["node": node])))
    }

    /// The configuration in an answer to ``configuration(of:at:)``.
    public static func configuration(in answer: Element?) -> DataForm? {
        answer?.first("configure", Namespace.pubsubOwner)?.first("x", Namespace.dataForms).flatMap(DataForm.init)
    }

    /// Changes a node's configuration; what isn't named stays as it is.
    public static func configure(_ node: String, at service: Address? = nil, _ values: [(String, String)]) -> Request {
        let form = DataForm("submit", type: Namespace.nodeConfiguration, values.map { DataForm.Field($0.0, [$0.1]) })
        return Request(.set, to: service, owner(Element("configure", Namespace.pubsubOwner, ["node": node], [form.element])))
    }

    /// Removes a node with all that is on it.
    public static func delete(_ node: String, at service: Address? = nil) -> Request {
        Request(.set, to: service, owner(Element("delete", Namespace.pubsubOwner, ["node": node])))
    }

    private static func owner(_ child: Element) -> Element {
        Element("pubsub", Namespace.pubsubOwner, [:], [child])
    }
}
