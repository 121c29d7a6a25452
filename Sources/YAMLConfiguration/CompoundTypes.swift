extension ValueType {
    /// A list; every element is read, and all their errors are reported.
    public static func list<Element: Sendable>(of element: ValueType<Element>, count: ClosedRange<Int> = 0...10_000) -> ValueType<[Element]>
    where Value == [Element] {
        let name = "a list, each \(element.name)"
        return ValueType(name, shape: .list(element.shape)) { (node, context) throws(ConfigurationErrors) in
            guard case .list(let nodes) = node.content else {
                throw ConfigurationErrors(
                    context.error(node, "expected a list, found \(node.kind)", hint: "write [a, b] or a line '- a' for each")
                )
            }
            guard count.contains(nodes.count) else {
                let bound = nodes.count < count.lowerBound ? "at least \(count.lowerBound)" : "at most \(count.upperBound)"
                throw ConfigurationErrors(context.error(node, "must have \(bound) elements, has \(nodes.count)"))
            }
            var values: [Element] = []
            var errors: [ConfigurationError] = []
            for (index, node) in nodes.enumerated() {
                do throws(ConfigurationErrors) {
                    values.append(try element(node, context.element(index)))
                } catch {
                    errors += error.errors
                }
            }
            guard errors.isEmpty else { throw ConfigurationErrors(errors) }
            return values
        }
    }

    /// A mapping with free keys, in the order of the file.
    public static func map<Element: Sendable>(of element: ValueType<Element>) -> ValueType<[MapEntry<Element>]>
    where Value == [MapEntry<Element>] {
        let name = "a mapping, each value \(element.name)"
        return ValueType(name, shape: .map(element.shape)) { (node, context) throws(ConfigurationErrors) in
            guard case .map(let pairs) = node.content else {
                throw ConfigurationErrors(context.error(node, "expected a mapping, found \(node.kind)"))
            }
            var entries: [MapEntry<Element>] = []
            var errors: [ConfigurationError] = []
            for pair in pairs {
                do throws(ConfigurationErrors) {
                    let value = try element(pair.value, context.key(pair.key))
                    entries.append(MapEntry(key: pair.key, position: pair.keyPosition, value: value))
                } catch {
                    errors += error.errors
                }
            }
            guard errors.isEmpty else { throw ConfigurationErrors(errors) }
            return entries
        }
    }

    /// A section with keys of its own, made into a value. `make` may throw ``ConfigurationErrors`` for what only shows when all keys are read.
    public static func section(
        _ schema: Schema,
        name: String = "a section",
        make: @escaping @Sendable (Section) throws(ConfigurationErrors) -> Value
    ) -> Self {
        Self(name, shape: .section(schema)) { (node, context) throws(ConfigurationErrors) in try make(schema.read(node, context)) }
    }

    /// One of two types: the first where `first` says so, else the second.
    public static func either(_ left: Self, or right: Self, first: @escaping @Sendable (ConfigurationNode) -> Bool) -> Self {
        Self("\(left.name), or \(right.name)", shape: right.shape) { (node, context) throws(ConfigurationErrors) in
            try first(node) ? left(node, context) : right(node, context)
        }
    }
}

extension ValueType where Value == [String] {
    /// A list of texts that may also be written as one text.
    public static var strings: Self {
        either(
            ValueType<String>.name.checked { (text) throws(Complaint) in [text] },
            or: .list(of: .name),
            first: { if case .scalar = $0.content { true } else { false } }
        )
    }
}

extension ValueType where Value == ConfigurationNode {
    /// The node as it stands, for a reader of its own.
    public static var node: Self { Self("any value") { (node, _) throws(ConfigurationErrors) in node } }
}

/// An entry of a mapping with free keys.
public struct MapEntry<Value: Sendable>: Sendable {
    /// The key.
    public var key: String
    /// Where the key stands.
    public var position: Position
    /// The value.
    public var value: Value
}

extension MapEntry: Equatable where Value: Equatable {}
extension MapEntry: Hashable where Value: Hashable {}
