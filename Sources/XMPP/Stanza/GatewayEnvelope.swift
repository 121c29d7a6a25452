public import XML

/// What an encrypter of gateway-relayed encryption has made of a formatted message.
///
/// There is no way to make one of text: bytes become base64 here, and elements are taken only under a name that says what they are.
public struct GatewayCiphertext: Hashable, Sendable {
    /// The content of `<encrypted/>`, as the encrypter's specification lays it out.
    enum Content: Hashable, Sendable {
        case base64(String)
        case elements([Element])
    }
    let content: Content

    /// Takes the binary output of an encrypter, which goes out as base64 in one run of text (GRE Encrypter: OpenPGP).
    public init(encryptedBytes bytes: [UInt8]) {
        content = .base64(Base64.encode(bytes))
    }

    /// Takes the children that an encrypter's specification asks for. Everything secret in them must be encrypted already: they go to the
    /// gateway, and through the servers, as they are.
    public init(encryptedElements elements: [Element]) {
        content = .elements(elements)
    }
}

/// A message for somebody behind a gateway: how it was formatted and encrypted, and what came out.
public struct GatewayEnvelope: Hashable, Sendable {
    /// The formatter's namespace, such as `urn:xmpp:gre:formatter:mime:0`.
    public var formatter: String
    /// The encrypter's namespace, such as `urn:xmpp:gre:encrypter:openpgp:0`.
    public var encrypter: String
    /// What the encrypter made.
    public var ciphertext: GatewayCiphertext
    /// The conversation, in the clear: the gateway turns it into References and In-Reply-To (R21). No other envelope has one.
    public var thread: String?

    /// Makes an envelope.
    public init(
        formatter: String,
        encrypter: String,
        ciphertext: GatewayCiphertext,
        thread: String? = nil
    ) {
        self.formatter = formatter
        self.encrypter = encrypter
        self.ciphertext = ciphertext
        self.thread = thread
    }

    /// `<encrypted/>`.
    var element: Element {
        let attributes = ["formatter": formatter, "encrypter": encrypter]
        return switch ciphertext.content {
        case .base64(let text): Element("encrypted", Namespace.gatewayRelay, attributes, text: text)
        case .elements(let children): Element("encrypted", Namespace.gatewayRelay, attributes, children)
        }
    }
}
