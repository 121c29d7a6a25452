/// A YAML node with its place in the file: text as it stands there, variables not yet put in.
public struct ConfigurationNode: Hashable, Sendable {
    /// What the node holds.
    public enum Content: Hashable, Sendable {
        /// Nothing: an empty value, `~` or `null`, unquoted. It counts as not given.
        case null
        /// A scalar as it stands in the file, without its quotes. Whether it is a number is for the reader to say.
        case scalar(String)
        /// A sequence.
        case list([ConfigurationNode])
        /// A mapping, in the order of the file. Keys are unique.
        case map([Pair])
    }
    /// One entry of a mapping.
    public struct Pair: Hashable, Sendable {
        /// The key.
        public var key: String
        /// Where the key stands.
        public var keyPosition: Position
        /// The value.
        public var value: ConfigurationNode

        /// Makes an entry.
        public init(key: String, keyPosition: Position, value: ConfigurationNode) {
            self.key = key
            self.keyPosition = keyPosition
            self.value = value
        }
    }
    /// What the node holds.
    public var content: Content
    /// Where it begins.
    public var position: Position

    /// Makes a node.
    public init(_ content: Content, at position: Position) {
        self.content = content
        self.position = position
    }

    /// The value of a key of a mapping, or `nil`.
    public subscript(key: String) -> ConfigurationNode? {
        guard case .map(let pairs) = content else { return nil }
        return pairs.first { $0.key == key }?.value
    }

    /// What the node is, for messages: `a list`.
    var kind: String {
        switch content {
        case .null: "nothing"
        case .scalar: "a single value"
        case .list: "a list"
        case .map: "a mapping"
        }
    }
}
