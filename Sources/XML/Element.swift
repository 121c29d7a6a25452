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
    /// The content in document order.
    public var nodes: [Node]

    /// Makes an element.
    ///
    /// - Parameters:
    ///   - local: The local name.
    ///   - namespace: The namespace name.
    ///   - attributes: Attributes without a namespace; those whose value is `nil` are left out.
    ///   - children: Child elements, in order.
    public init(_ local: String, _ namespace: String, _ attributes: [String: String?] = [:], _ children: [Element] = []) {
        self.name = Name(local, namespace)
        self.attributes = Attributes(unchecked: attributes.compactMap { key, value in value.map { (Name(key), $0) } })
        self.nodes = children.map(Node.element)
    }

    /// Makes an element of parts that are already names and attributes.
    init(name: Name, attributes: Attributes) {
        self.name = name
        self.attributes = attributes
        self.nodes = []
    }

    /// Makes an element that contains only text.
    public init(_ local: String, _ namespace: String, _ attributes: [String: String?] = [:], text: String) {
        self.init(local, namespace, attributes)
        if !text.isEmpty { nodes = [.text(text)] }
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

    /// The child elements in order.
    public var elements: [Element] {
        nodes.compactMap { if case .element(let element) = $0 { element } else { nil } }
    }

    /// The element's own character data, without that of its children.
    public var text: String {
        nodes.reduce(into: "") { if case .text(let text) = $1 { $0 += text } }
    }

    /// Whether the element has this name.
    public func `is`(_ local: String, _ namespace: String) -> Bool {
        name.local == local && name.namespace == namespace
    }

    /// The first child of this name.
    public func first(_ local: String, _ namespace: String) -> Element? {
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
