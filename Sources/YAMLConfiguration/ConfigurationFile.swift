/// A YAML file read into nodes that know their places.
public struct ConfigurationFile: Sendable {
    /// The file as the operator named it; positions and messages use the same name.
    public let path: String
    /// The top of the one document in the file; ``ConfigurationNode/Content/null`` for an empty file.
    public let root: ConfigurationNode

    /// How large a file may be.
    public struct Limits: Hashable, Sendable {
        /// The longest file, in bytes.
        public var bytes: Int
        /// The deepest nesting, aliases followed.
        public var depth: Int
        /// The most nodes, aliases followed.
        public var nodes: Int
        /// The most aliases (`*name`).
        public var aliases: Int

        /// Makes limits.
        public init(bytes: Int = 1 << 20, depth: Int = 32, nodes: Int = 100_000, aliases: Int = 64) {
            self.bytes = bytes
            self.depth = depth
            self.nodes = nodes
            self.aliases = aliases
        }
    }

    /// Reads a file. Blocks for the time of reading a small local file.
    public init(path: String, limits: Limits = Limits()) throws(ConfigurationErrors) {
        let content: SystemFile.Content
        do throws(Complaint) { content = try SystemFile.read(path, limit: limits.bytes) } catch {
            throw ConfigurationErrors(ConfigurationError(file: path, error.message))
        }
        // A byte order mark, as some editors put it in front, is no text. Yams would take it for some.
        let bytes = content.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? content.bytes.dropFirst(3) : content.bytes[...]
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationErrors(ConfigurationError(file: path, "is not UTF-8 text"))
        }
        try self.init(text: text, path: path, limits: limits)
    }

    /// Reads text; `path` names it in messages and is where relative paths start.
    public init(text: String, path: String, limits: Limits = Limits()) throws(ConfigurationErrors) {
        self.path = path
        self.root = try compose(text, file: path, limits: limits)
    }

    /// Reads the whole file by a schema.
    public func read(_ schema: Schema, environment: [String: String]) throws(ConfigurationErrors) -> Section {
        try schema.read(root, ReadingContext(environment: environment))
    }
}
