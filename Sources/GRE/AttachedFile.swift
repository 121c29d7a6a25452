public import XML
import XMPP

/// A file as a payload element: `<attachment xmlns='urn:oxbow:attachment:0' name='…' type='…' size='…'>BASE64</attachment>`.
///
/// Formatters make files of it, and it of files, so that the same handlers serve people on XMPP and behind gateways. It never stands in a
/// stanza: only inside of what is encrypted, and between handlers and Oxbow.
public struct AttachedFile: Hashable, Sendable {
    /// The element's namespace.
    public static let namespace = "urn:oxbow:attachment:0"
    /// The element's local name.
    public static let local = "attachment"

    /// The file's name; received ones are made harmless: no folders, no control characters. `nil` if the sender gave none.
    public var name: String?
    /// The media type, `type/subtype` in lower case.
    public var type: String
    /// The content.
    public var bytes: [UInt8]

    /// Makes a file.
    public init(name: String?, type: String = "application/octet-stream", bytes: [UInt8]) {
        self.name = name
        self.type = type
        self.bytes = bytes
    }

    /// Reads the element; `nil` if it is none, holds elements, its content is no base64, or its `size`, where given, isn't that of the content.
    public init?(_ element: Element) {
        guard element.is(Self.local, Self.namespace), element.elements.isEmpty, let bytes = Base64.decode(tolerant: element.text.utf8),
            element["size"].map({ Int($0) == bytes.count }) ?? true
        else { return nil }
        self.init(name: element["name"], type: element["type"] ?? "application/octet-stream", bytes: bytes)
    }

    /// The element.
    public var element: Element {
        Element(
            Self.local,
            Self.namespace,
            ["name": name, "type": type, "size": String(bytes.count)],
            text: Base64.encode(bytes)
        )
    }
}
