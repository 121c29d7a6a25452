public import XML

/// A stream error (RFC 6120 § 4.9): the stream that carries one is over.
public struct StreamError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The defined condition's local name, such as `conflict` (RFC 6120 § 4.9.3).
    public var condition: String
    /// The condition's own text: the host of `see-other-host`.
    public var detail: String?
    /// The text that came with it.
    public var text: String?
    /// An application-specific condition, if any.
    public var application: Name?

    /// Makes an error.
    public init(_ condition: String, text: String? = nil, application: Name? = nil, detail: String? = nil) {
        self.condition = condition
        self.detail = detail
        self.text = text
        self.application = application
    }

    /// Reads `<stream:error/>`; without a defined condition it is `undefined-condition`.
    public init(from element: Element) {
        let defined = element.elements.first { $0.namespace == Namespace.streamErrors && $0.local != "text" }
        let detail = defined?.text ?? ""
        self.init(
            defined?.local ?? "undefined-condition",
            text: element.first("text", Namespace.streamErrors)?.text,
            application: element.elements.first { $0.namespace != Namespace.streamErrors }?.name,
            detail: detail.isEmpty ? nil : detail
        )
    }

    /// The `<stream:error/>` element.
    public var element: Element {
        var error = Element("error", Namespace.streams, [:], [Element(condition, Namespace.streamErrors, text: detail ?? "")])
        if let text { error.append(Element("text", Namespace.streamErrors, text: text)) }
        if let application { error.append(Element(application.local, application.namespace)) }
        return error
    }

    /// Condition and text, for logs.
    public var description: String {
        var words = condition
        if let application { words += " (\(application.local))" }
        if let text, !text.isEmpty { words += ": \(text)" }
        return words
    }
}
