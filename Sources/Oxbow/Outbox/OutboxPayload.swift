import XML
import XMPP

/// Payload elements as the outbox keeps them: one XML document, sealed at rest by the store (R17).
enum OutboxPayload {
    private static let root = Name("payload", "urn:oxbow:outbox:0")

    static func encode(_ payload: [Element]) -> [UInt8] {
        Array(Element(root.local, root.namespace, [:], payload).serialized().utf8)
    }

    /// The elements again; `nil` if the bytes are nothing that ``encode(_:)`` has written.
    static func decode(_ bytes: [UInt8]) -> [Element]? {
        guard let element = try? Document.parse(bytes, limits: .stored), element.name == root else { return nil }
        return element.elements
    }
}
