/// A key of a section: its name, what it holds, whether it must be there, and one line about it.
///
/// Names are snake_case; `kebab-case` in a file is the same key. A key with an empty value (`key:`) counts as not given.
public struct Key<Value: Sendable>: Sendable {
    /// The name in snake_case.
    public let name: String
    /// One line for the reference.
    public let summary: String
    /// Whether the section is wrong without it.
    public let isRequired: Bool
    /// The default as it would stand in the file, or `nil`.
    public let defaultText: String?
    let shape: Shape
    let typeName: String
    let read: @Sendable (ConfigurationNode, ReadingContext) throws(ConfigurationErrors) -> Value
    /// The value when the key isn't given; `nil` when there is none but ``defaultText``.
    let absent: Value?

    /// A key that must be given.
    public init(_ name: String, _ type: ValueType<Value>, _ summary: String) {
        self.name = name
        self.summary = summary
        self.isRequired = true
        self.defaultText = nil
        self.shape = type.shape
        self.typeName = type.name
        self.read = type.read
        self.absent = nil
    }

    /// A key with a default, which is given as it would stand in the file (`"1h"`, `"[a, b]"`).
    public init(_ name: String, _ type: ValueType<Value>, default text: String, _ summary: String) {
        self.name = name
        self.summary = summary
        self.isRequired = false
        self.defaultText = text
        self.shape = type.shape
        self.typeName = type.name
        self.read = type.read
        self.absent = nil
    }

    /// A key that may be missing.
    public init<Wrapped>(optional name: String, _ type: ValueType<Wrapped>, _ summary: String) where Value == Wrapped? {
        self.name = name
        self.summary = summary
        self.isRequired = false
        self.defaultText = nil
        self.shape = type.shape
        self.typeName = type.name
        let read = type.read
        self.read = { (node, context) throws(ConfigurationErrors) in try read(node, context) }
        self.absent = .some(.none)
    }
}

/// A key whose value type doesn't matter: what a ``Schema`` is made of. Only ``Key`` conforms.
public protocol SchemaKey: Sendable {
    /// The name in snake_case.
    var name: String { get }
    /// One line for the reference.
    var summary: String { get }
    /// Whether the section is wrong without it.
    var isRequired: Bool { get }
    /// The default as it would stand in the file, or `nil`.
    var defaultText: String? { get }
    /// What the key holds.
    var description: KeyDescription { get }
    /// Reads the key's value; `node` is `nil` when the key isn't given.
    func value(of node: ConfigurationNode?, in section: ConfigurationNode, _ context: ReadingContext) throws(ConfigurationErrors)
        -> any Sendable
}

extension Key: SchemaKey {
    /// What the key holds.
    public var description: KeyDescription {
        KeyDescription(name: name, type: typeName, summary: summary, isRequired: isRequired, defaultText: defaultText, shape: shape)
    }

    /// Reads the key's value; `node` is `nil` when the key isn't given.
    public func value(of node: ConfigurationNode?, in section: ConfigurationNode, _ context: ReadingContext) throws(ConfigurationErrors)
        -> any Sendable
    {
        if let node { return try read(node, context) }
        if let absent { return absent }
        if let defaultText { return try read(ConfigurationNode(parsing: defaultText, at: section.position), context) }
        throw ConfigurationErrors(ConfigurationError(at: section.position, path: context.path, "is missing", hint: "it holds \(typeName)"))
    }
}

/// What the reference says about a key.
public struct KeyDescription: Sendable {
    /// The name in snake_case.
    public var name: String
    /// What it holds, in words: `a duration (30s, 20m, 1h, 3d)`.
    public var type: String
    /// One line about it.
    public var summary: String
    /// Whether it must be given.
    public var isRequired: Bool
    /// The default as it would stand in the file, or `nil`.
    public var defaultText: String?
    /// The keys below it.
    public var shape: Shape
}

/// How a value is built from others, for the reference.
public indirect enum Shape: Sendable {
    /// A single value, or something that is described by its type's name alone.
    case value
    /// A section with keys of its own.
    case section(Schema)
    /// A list.
    case list(Shape)
    /// A mapping with free keys.
    case map(Shape)
}
