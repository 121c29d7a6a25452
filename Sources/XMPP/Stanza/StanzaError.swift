public import XML

/// A stanza error (RFC 6120 § 8.3).
public struct StanzaError: Error, Hashable, Sendable, CustomStringConvertible {
    /// RFC 6120 § 8.3.2.
    public enum Kind: String, Sendable {
        case auth
        case cancel
        case `continue`
        case modify
        case wait
    }
    /// What the sender can do about it.
    public var kind: Kind
    /// The defined condition's local name, such as `item-not-found` (RFC 6120 § 8.3.3).
    public var condition: String
    /// The text that came with it, if any.
    public var text: String?
    /// The local name of an application-specific condition, if any, such as `precondition-not-met`.
    public var application: Name?

    /// Makes an error.
    public init(_ condition: String, _ kind: Kind, text: String? = nil, application: Name? = nil) {
        self.kind = kind
        self.condition = condition
        self.text = text
        self.application = application
    }

    /// Condition and text, for logs.
    public var description: String {
        var words = condition
        if let application { words += " (\(application.local))" }
        if let text, !text.isEmpty { words += ": \(text)" }
        return words
    }

    /// Reads the `<error/>` child of a stanza of type error; without one it is `undefined-condition`.
    public init(from stanza: Element) {
        let error = stanza.elements.first { $0.local == "error" && $0.namespace == stanza.namespace }
        let defined = error?.elements.first { $0.namespace == Namespace.stanzaErrors && $0.local != "text" }
        self.init(
            defined?.local ?? "undefined-condition",
            error?["type"].flatMap(Kind.init(rawValue:)) ?? .cancel,
            text: error?.first("text", Namespace.stanzaErrors)?.text,
            application: error?.elements.first { $0.namespace != Namespace.stanzaErrors }?.name
        )
    }

    /// The `<error/>` element for a stanza of the client namespace.
    public var element: Element {
        var error = Element("error", Namespace.client, ["type": kind.rawValue], [Element(condition, Namespace.stanzaErrors)])
        if let text { error.append(Element("text", Namespace.stanzaErrors, text: text)) }
        return error
    }
}
