/// How a value is read from a node: a name for people, and a function.
///
/// Start from the ones that are there (`.string`, `.integer(1...9)`, `.duration`, `.list(of: .string)`, `.section(schema) { … }`) and narrow
/// them with ``checked(as:_:)``; the error's place comes by itself.
public struct ValueType<Value: Sendable>: Sendable {
    /// What it holds, in words, with an article: `a duration (30s, 20m, 1h, 3d)`.
    public let name: String
    /// The keys below it, for the reference.
    public let shape: Shape
    let read: @Sendable (ConfigurationNode, ReadingContext) throws(ConfigurationErrors) -> Value

    /// Makes a type from a function that reads nodes.
    public init(
        _ name: String,
        shape: Shape = .value,
        read: @escaping @Sendable (ConfigurationNode, ReadingContext) throws(ConfigurationErrors) -> Value
    ) {
        self.name = name
        self.shape = shape
        self.read = read
    }

    /// Reads a node.
    public func callAsFunction(_ node: ConfigurationNode, _ context: ReadingContext) throws(ConfigurationErrors) -> Value {
        try read(node, context)
    }

    /// The type whose values are made from this one's, or complained about.
    public func checked<Result: Sendable>(as name: String? = nil, _ transform: @escaping @Sendable (Value) throws(Complaint) -> Result)
        -> ValueType<Result>
    {
        let read = self.read
        return ValueType<Result>(name ?? self.name, shape: shape) { (node, context) throws(ConfigurationErrors) in
            let value = try read(node, context)
            do throws(Complaint) { return try transform(value) } catch {
                throw ConfigurationErrors(context.error(node, error.message, hint: error.hint))
            }
        }
    }
}
