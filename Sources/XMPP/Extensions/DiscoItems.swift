public import XML

/// What is found at an entity: the answer to `disco#items` (XEP-0030 § 4).
public struct DiscoItems: Hashable, Sendable {
    /// Something that is found there.
    public struct Item: Hashable, Sendable {
        /// Its address.
        public var address: Address
        /// Its node, if it is one.
        public var node: String?
        /// Its name for people, if it has one.
        public var name: String?

        /// Makes an item.
        public init(_ address: Address, node: String? = nil, name: String? = nil) {
            self.address = address
            self.node = node
            self.name = name
        }
    }

    /// The items in order.
    public var items: [Item]

    /// Makes an answer.
    public init(_ items: [Item]) {
        self.items = items
    }

    /// Reads an answer; `nil` if the element is none. Items without a readable address are left out.
    public init?(_ element: Element) {
        guard element.is("query", Namespace.discoItems) else { return nil }
        items = element.all("item", Namespace.discoItems).compactMap { item in
            item["jid"].flatMap { Address($0) }.map { Item($0, node: item["node"], name: item["name"]) }
        }
    }

    /// Asks an entity what is found at it.
    public static func request(to entity: Address, node: String? = nil) -> Request {
        Request(.get, to: entity, Element("query", Namespace.discoItems, ["node": node]))
    }
}
