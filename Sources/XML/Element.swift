/// One XML element with its attributes and content: the value that every stanza and payload is made of.
///
/// Comments, processing instructions and DTDs can't be represented: RFC 6120 § 11.1 forbids them on the wire.
public struct Element: Hashable, Sendable {
    /// A piece of an element's content, in document order.
    public enum Node: Hashable, Sendable {
        /// A child element.
        case element(Element)
        /// Character data, entities resolved.
        case text(String)
    }

    /// The element's name.
    public var name: Name
    /// The attributes by name; `xmlns` declarations are not among them.
    public var attributes: Attributes
    /// The content in document order, as it is kept. Most elements hold one text and nothing else: those do without an array.
    var content: Content

    enum Content: Hashable, Sendable {
        case empty
        case text(String)
        /// Anything else: always more than one node, or one element.
        case nodes([Node])
    }

    /// Makes an element.
    ///
    /// - Parameters:
    ///   - local: The local name.
    ///   - namespace: The namespace name.
    ///   - attributes: Attributes without a namespace; those whose value is `nil` are left out.
    ///   - children: Child elements, in order.
    public init(_ local: String, _ namespace: String, _ attributes: [String: String?] = [:], _ children: [Element] = []) {
        self.name = Name(local, namespace)
        self.attributes = Attributes(
            unchecked: attributes.compactMap { key, value in value.map { Attributes.Entry(key: Name(key), value: $0) } }
        )
        self.content = children.isEmpty ? .empty : .nodes(children.map(Node.element))
    }

    /// Makes an element of parts that are already names and attributes.
    init(name: consuming Name, attributes: consuming Attributes) {
        self.name = name
        self.attributes = attributes
        self.content = .empty
    }

    /// Makes an element that contains only text.
    public init(_ local: String, _ namespace: String, _ attributes: [String: String?] = [:], text: String) {
        self.init(local, namespace, attributes)
        if !text.isEmpty { content = .text(text) }
    }
}

extension Element {
    /// An attribute without a namespace.
    public subscript(attribute: String) -> String? {
        get { attributes[Name(attribute)] }
        set { attributes[Name(attribute)] = newValue }
    }

    /// The local name.
    public var local: String { name.local }
    /// The namespace name.
    public var namespace: String { name.namespace }

    /// The content in document order.
    public var nodes: [Node] {
        get {
            switch content {
            case .empty: []
            case .text(let text): [.text(text)]
            case .nodes(let nodes): nodes
            }
        }
        set { content = Content(newValue) }
        _modify {
            // Taken out, so that the array is changed in place.
            var nodes = self.nodes
            content = .empty
            defer { content = Content(nodes) }
            yield &nodes
        }
    }

    /// The child elements in order.
    public var elements: [Element] {
        guard case .nodes(let nodes) = content else { return [] }
        return nodes.compactMap { if case .element(let element) = $0 { element } else { nil } }
    }

    /// The element's own character data, without that of its children.
    public var text: String {
        switch content {
        case .empty: ""
        case .text(let text): text
        case .nodes(let nodes): nodes.reduce(into: "") { if case .text(let text) = $1 { $0 += text } }
        }
    }

    /// Whether the element has this name.
    public func `is`(_ local: String, _ namespace: String) -> Bool {
        name.local == local && name.namespace == namespace
    }

    /// The first child of this name.
    public func first(_ local: String, _ namespace: String) -> Element? {
        guard case .nodes(let nodes) = content else { return nil }
        for case .element(let element) in nodes where element.is(local, namespace) { return element }
        return nil
    }

    /// All children of this name, in order.
    public func all(_ local: String, _ namespace: String) -> [Element] {
        elements.filter { $0.is(local, namespace) }
    }

    /// Appends a child element.
    public mutating func append(_ child: Element) {
        nodes.append(.element(child))
    }

    /// Removes the child elements that satisfy a predicate; text stays.
    public mutating func removeElements(where predicate: (Element) -> Bool) {
        nodes.removeAll { if case .element(let element) = $0 { predicate(element) } else { false } }
    }
}

extension Element.Content {
    /// The one form that nodes are kept in, so that equal content is equal.
    fileprivate init(_ nodes: [Element.Node]) {
        switch (nodes.count, nodes.first) {
        case (0, _): self = .empty
        case (1, .text(let text)): self = .text(text)
        default: self = .nodes(nodes)
        }
    }
}
