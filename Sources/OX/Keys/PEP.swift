import XML
import XMPP

/// The few operations on personal eventing nodes that keys need (XEP-0060, XEP-0163), over a session.
struct PEP: Sendable {
    /// One item of a node.
    struct Item: Hashable, Sendable {
        var id: String?
        var payload: Element
    }

    let session: any Session
    let timeout: Duration

    /// The newest item of a node, or `nil` if the node has none. `owner` is a bare JID; `nil` is our own account.
    ///
    /// - Throws: ``StanzaError``, ``SessionError``.
    func newestItem(of node: String, owner: Address?) async throws -> Item? {
        let items = Element("items", Namespace.pubsub, ["node": node, "max_items": "1"])
        let answer = try await session.request(
            Request(.get, to: owner, Element("pubsub", Namespace.pubsub, [:], [items])),
            timeout: timeout
        )
        guard let list = answer?.first("items", Namespace.pubsub), list["node"] == nil || list["node"] == node else { return nil }
        return Self.newest(
            list.all("item", Namespace.pubsub).compactMap { item in
                item.elements.first.map { Item(id: item["id"], payload: $0) }
            }
        )
    }

    /// Services that don't know `max_items` send all items, in an order that XEP-0060 leaves open: the date in the item's id decides (P4),
    /// else the newest date in a list of keys, else the last one.
    static func newest(_ items: [Item]) -> Item? {
        guard items.count > 1 else { return items.first }
        let byID = items.map { $0.id.flatMap(Timestamp.seconds) }
        let byDate = items.map { PublicKeysList($0.payload)?.newest }
        for dates in [byID, byDate] where dates.allSatisfy({ $0 != nil }) {
            let newest = dates.compactMap { $0 }.max()
            return dates.lastIndex(of: newest).map { items[$0] }
        }
        return items.last
    }

    /// Publishes an item on a node of our own account.
    ///
    /// - Parameter options: Whether to ask for an open, persistent node (P6).
    /// - Throws: ``StanzaError``, ``SessionError``.
    func publish(_ item: Item, on node: String, options: Bool) async throws {
        var children = [
            Element("publish", Namespace.pubsub, ["node": node], [Element("item", Namespace.pubsub, ["id": item.id], [item.payload])])
        ]
        if options {
            children.append(
                Element("publish-options", Namespace.pubsub, [:], [Self.form(Namespace.publishOptions, [Self.access, Self.persistence])])
            )
        }
        _ = try await session.request(Request(.set, Element("pubsub", Namespace.pubsub, [:], children)), timeout: timeout)
    }

    /// Makes a node of ours open and persistent (XEP-0060 § 8.2).
    ///
    /// - Throws: ``StanzaError``, ``SessionError``.
    func configure(_ node: String) async throws {
        let form = Self.form("http://jabber.org/protocol/pubsub#node_config", [Self.access, Self.persistence])
        let configure = Element("configure", Namespace.pubsubOwner, ["node": node], [form])
        _ = try await session.request(Request(.set, Element("pubsub", Namespace.pubsubOwner, [:], [configure])), timeout: timeout)
    }

    /// Whether a node of ours is open and persistent; `nil` if the service doesn't say.
    ///
    /// - Throws: ``StanzaError``, ``SessionError``.
    func isOpen(_ node: String) async throws -> Bool? {
        let configure = Element("configure", Namespace.pubsubOwner, ["node": node])
        let answer = try await session.request(
            Request(.get, Element("pubsub", Namespace.pubsubOwner, [:], [configure])),
            timeout: timeout
        )
        let fields = answer?.first("configure", Namespace.pubsubOwner)?.first("x", Namespace.dataForms)?.all("field", Namespace.dataForms)
        guard let fields else { return nil }
        func value(_ name: String) -> String? { fields.first { $0["var"] == name }?.first("value", Namespace.dataForms)?.text }
        guard let model = value(Self.access.name) else { return nil }
        let persistent = value(Self.persistence.name).map { $0 == "1" || $0 == "true" } ?? true
        return model == Self.access.value && persistent
    }

    private static let access = (name: "pubsub#access_model", value: "open")
    private static let persistence = (name: "pubsub#persist_items", value: "true")

    private static func form(_ type: String, _ fields: [(name: String, value: String)]) -> Element {
        let hidden = Element(
            "field",
            Namespace.dataForms,
            ["var": "FORM_TYPE", "type": "hidden"],
            [Element("value", Namespace.dataForms, text: type)]
        )
        let others = fields.map { field in
            Element("field", Namespace.dataForms, ["var": field.name], [Element("value", Namespace.dataForms, text: field.value)])
        }
        return Element("x", Namespace.dataForms, ["type": "submit"], [hidden] + others)
    }
}
