/// What reading a value needs to know besides the node: the environment, and where in the tree it stands.
public struct ReadingContext: Sendable {
    /// The environment that `${NAME}` and `~` are taken from.
    public var environment: [String: String]
    /// The key path of the node being read; empty at the top level.
    public var path: String

    /// Makes a context for the top level of a file.
    public init(environment: [String: String], path: String = "") {
        self.environment = environment
        self.path = path
    }

    /// The context of a key of the mapping being read.
    public func key(_ name: String) -> ReadingContext {
        ReadingContext(environment: environment, path: path.isEmpty ? name : path + "." + name)
    }

    /// The context of an element of the list being read.
    public func element(_ index: Int) -> ReadingContext { ReadingContext(environment: environment, path: path + "[\(index)]") }

    /// An error about the node being read.
    public func error(_ node: ConfigurationNode, _ message: String, hint: String? = nil) -> ConfigurationError {
        ConfigurationError(at: node.position, path: path, message, hint: hint)
    }
}
