internal import XML

/// A notification of a publish-subscribe node (XEP-0060 § 7.1.2, XEP-0163 § 4).
///
/// It is about a node of the entity that the server says it comes from, ``from``, and of nobody else (A24).
public struct PubSubEvent: Hashable, Sendable {
    /// What happened to the node.
    public enum Change: Hashable, Sendable {
        /// Items were published. A service that leaves the payloads out sends items without one, or none at all: fetch them (T11).
        case published([PubSub.Item])
        /// The items with these ids were taken back.
        case retracted([String])
        /// All items were taken back.
        case purged
        /// The node was removed.
        case deleted
    }
    /// Whose node it is.
    public let from: Address
    /// The node.
    public let node: String
    /// What happened, in order.
    public let changes: [Change]

    /// Reads a notification; `nil` if the message is none, has more than one, or is an error.
    public init?(_ message: Message) {
        guard message.kind != .error else { return nil }
        let events = message.element.all("event", Namespace.pubsubEvent)
        guard events.count == 1, let child = events[0].elements.first(where: { $0.namespace == Namespace.pubsubEvent }),
            let node = child["node"]
        else { return nil }
        switch child.local {
        case "items":
            let published = child.all("item", Namespace.pubsubEvent).map(PubSub.Item.init)
            let retracted = child.all("retract", Namespace.pubsubEvent).compactMap { $0["id"] }
            var changes: [Change] = retracted.isEmpty ? [] : [.retracted(retracted)]
            if !published.isEmpty || retracted.isEmpty { changes.append(.published(published)) }
            self.changes = changes
        case "purge": changes = [.purged]
        case "delete": changes = [.deleted]
        default: return nil
        }
        self.from = message.from
        self.node = node
    }
}
