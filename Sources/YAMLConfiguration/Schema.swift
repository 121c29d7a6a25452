/// The keys of a section. A target that has settings declares a schema; what is unknown, missing or of the wrong type, `check` and the
/// reference document all come from it.
public struct Schema: Sendable {
    /// The keys in the order of the reference.
    public var keys: [any SchemaKey]

    /// Makes a schema.
    public init(_ keys: any SchemaKey...) { self.keys = keys }

    /// Makes a schema.
    public init(_ keys: [any SchemaKey]) { self.keys = keys }

    /// The schema with more keys at its end: how a target adds its section to a file that another one reads.
    public func adding(_ more: [any SchemaKey]) -> Schema { Schema(keys + more) }

    /// Reads a mapping: every key's value, or every error.
    public func read(_ node: ConfigurationNode, _ context: ReadingContext) throws(ConfigurationErrors) -> Section {
        let pairs: [ConfigurationNode.Pair]
        switch node.content {
        case .map(let found): pairs = found
        case .null: pairs = []
        default: throw ConfigurationErrors(context.error(node, "expected a mapping with keys, found \(node.kind)"))
        }
        var errors: [ConfigurationError] = []
        var given: [String: ConfigurationNode.Pair] = [:]
        for pair in pairs {
            let name = pair.key.replacing("-", with: "_")
            let inner = context.key(pair.key)
            if !keys.contains(where: { $0.name == name }) {
                let near = nearest(to: name, among: keys.map(\.name))
                let hint = near.map { "did you mean '\($0)'?" } ?? "known keys: " + keys.map(\.name).joined(separator: ", ")
                errors.append(ConfigurationError(at: pair.keyPosition, path: inner.path, "unknown key", hint: hint))
            } else if let first = given[name] {
                let message = "given twice, first in line \(first.keyPosition.line)"
                errors.append(ConfigurationError(at: pair.keyPosition, path: inner.path, message))
            } else {
                given[name] = pair
            }
        }
        var values: [String: any Sendable] = [:]
        for key in keys {
            let value = given[key.name].map(\.value).flatMap { $0.content == .null ? nil : $0 }
            do throws(ConfigurationErrors) { values[key.name] = try key.value(of: value, in: node, context.key(key.name)) } catch {
                errors += error.errors
            }
        }
        guard errors.isEmpty else {
            throw ConfigurationErrors(errors.sorted { ($0.line ?? 0, $0.column ?? 0) < ($1.line ?? 0, $1.column ?? 0) })
        }
        return Section(node: node, context: context, given: given, values: values)
    }
}
