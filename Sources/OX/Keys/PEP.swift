import XML
import XMPP

/// The few operations on personal eventing nodes that keys need (XEP-0060, XEP-0163), over a session.
struct PEP: Sendable {
    let session: any Session
    let timeout: Duration

    /// The newest item of a node, or `nil` if the node has none. `owner` is a bare JID; `nil` is our own account.
    ///
    /// - Throws: ``StanzaError``, ``SessionError``.
    func newestItem(of node: String, owner: Address?) async throws -> Element? {
        let answer = try await session.request(PubSub.items(of: node, at: owner, max: 1), timeout: timeout)
        return Self.newest(PubSub.items(of: node, in: answer))
    }

    /// Services that don't know `max_items` send all items, in an order that XEP-0060 leaves open: the date in the item's id decides (P4),
    /// else the newest date in a list of keys, else the last one.
    static func newest(_ items: [PubSub.Item]) -> Element? {
        let items = items.compactMap { item in item.payload.map { (id: item.id, payload: $0) } }
        guard items.count > 1 else { return items.first?.payload }
        let byID = items.map { $0.id.flatMap(DateTime.seconds) }
        let byDate = items.map { PublicKeysList($0.payload)?.newest }
        for dates in [byID, byDate] where dates.allSatisfy({ $0 != nil }) {
            let newest = dates.compactMap(\.self).max()
            return dates.lastIndex(of: newest).map { items[$0].payload }
        }
        return items.last?.payload
    }

    /// Publishes an item on a node of our own account.
    ///
    /// - Parameter options: Whether to ask for an open, persistent node (P6).
    /// - Throws: ``StanzaError``, ``SessionError``.
    func publish(_ payload: Element, id: String, on node: String, options: Bool) async throws {
        let item = PubSub.Item(id: id, payload: payload)
        _ = try await session.request(PubSub.publish(item, to: node, options: options ? Self.open : []), timeout: timeout)
    }

    /// Makes a node of ours open and persistent (XEP-0060 § 8.2).
    ///
    /// - Throws: ``StanzaError``, ``SessionError``.
    func configure(_ node: String) async throws {
        _ = try await session.request(PubSub.configure(node, Self.open), timeout: timeout)
    }

    /// Whether a node of ours is open and persistent; `nil` if the service doesn't say.
    ///
    /// - Throws: ``StanzaError``, ``SessionError``.
    func isOpen(_ node: String) async throws -> Bool? {
        let form = PubSub.configuration(in: try await session.request(PubSub.configuration(of: node), timeout: timeout))
        guard let model = form?["pubsub#access_model"] else { return nil }
        let persistent = form?["pubsub#persist_items"].map { $0 == "1" || $0 == "true" } ?? true
        return model == "open" && persistent
    }

    // Not `deliver_payloads=false`, which XEP-0373 § 4.5 recommends: four clients ignore notices without a payload (P7).
    private static let open = [("pubsub#access_model", "open"), ("pubsub#persist_items", "true")]
}
