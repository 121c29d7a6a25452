import GRE
public import XML

/// A file that came with a message, or goes with one. Only messages through gateways have any.
public struct FileAttachment: Hashable, Sendable {
    /// Its name: no folders, no control characters. `nil` if the sender gave none.
    public var name: String?
    /// Its media type, `type/subtype` in lower case.
    public var type: String
    /// Its content.
    public var bytes: [UInt8]

    /// Makes an attachment.
    public init(name: String?, type: String = "application/octet-stream", bytes: [UInt8]) {
        self.name = name
        self.type = type
        self.bytes = bytes
    }

    /// Reads the payload element of an attachment; `nil` if it is none.
    public init?(_ element: Element) {
        guard let file = AttachedFile(element) else { return nil }
        self.init(name: file.name, type: file.type, bytes: file.bytes)
    }

    /// Whether an element stands for an attachment, readable or not.
    static func isOne(_ element: Element) -> Bool { element.namespace == AttachedFile.namespace }

    /// The payload element: what handlers send, and what the outbox keeps (sealed at rest).
    public var element: Element { AttachedFile(name: name, type: type, bytes: bytes).element }

    /// The most bytes of attachments in a message, in all: what the mail becomes is a third larger, and servers take less still (R11).
    public static let limit = 16 << 20
}
