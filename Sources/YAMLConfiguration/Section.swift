/// A section that was read and found right: typed values by key.
public struct Section: Sendable {
    /// The mapping it was read from.
    public let node: ConfigurationNode
    /// Environment and key path.
    public let context: ReadingContext
    private let given: [String: ConfigurationNode.Pair]
    private let values: [String: any Sendable]

    init(node: ConfigurationNode, context: ReadingContext, given: [String: ConfigurationNode.Pair], values: [String: any Sendable]) {
        self.node = node
        self.context = context
        self.given = given
        self.values = values
    }

    /// The value of a key. The key must be one of the schema that read the section: anything else is a programming error.
    public subscript<Value>(key: Key<Value>) -> Value {
        guard let value = values[key.name] as? Value else {
            preconditionFailure("the schema of this section has no key '\(key.name)' of type \(Value.self)")
        }
        return value
    }

    /// Whether the key stands in the file with a value.
    public func isGiven(_ key: some SchemaKey) -> Bool {
        guard let pair = given[key.name] else { return false }
        return pair.value.content != .null
    }

    /// Where the key's value stands, or the section if it isn't given.
    public func position(of key: some SchemaKey) -> Position { given[key.name]?.value.position ?? node.position }

    /// An error about a key's value, found after reading (when two keys contradict each other, say).
    public func error(_ key: some SchemaKey, _ message: String, hint: String? = nil) -> ConfigurationError {
        ConfigurationError(at: position(of: key), path: context.key(key.name).path, message, hint: hint)
    }

    /// An error about the section as a whole.
    public func error(_ message: String, hint: String? = nil) -> ConfigurationError {
        ConfigurationError(at: node.position, path: context.path, message, hint: hint)
    }
}
