extension ValueType where Value == String {
    /// Text, with variables put in. May be empty.
    public static var string: Self {
        Self("text") { (node, context) throws(ConfigurationErrors) in try scalar(node, context, expected: "text") }
    }

    /// Text that isn't empty: a name, a word of command.
    public static var name: Self {
        string.checked { (text) throws(Complaint) in
            guard !text.isEmpty else { throw Complaint("must not be empty") }
            return text
        }
    }

    /// A path, made absolute: relative ones start at the folder of the file that names them, `~` is `HOME`.
    public static var path: Self {
        Self("a path") { (node, context) throws(ConfigurationErrors) in
            let text = try scalar(node, context, expected: "a path")
            guard !text.isEmpty, !text.utf8.contains(0) else { throw ConfigurationErrors(context.error(node, "must not be empty")) }
            guard let path = resolve(path: text, from: node.position.file, home: context.environment["HOME"]) else {
                throw ConfigurationErrors(context.error(node, "'~' can't be put in: HOME is not set", hint: "write the path in full"))
            }
            return path
        }
    }
}

extension ValueType where Value == Int {
    /// A whole number within bounds.
    public static func integer(_ range: ClosedRange<Int>) -> Self {
        let name = "a number from \(range.lowerBound) to \(range.upperBound)"
        return Self(name) { (node, context) throws(ConfigurationErrors) in
            let text = try scalar(node, context, expected: name)
            guard let number = Int(text), range.contains(number) else { throw ConfigurationErrors(context.error(node, "expected \(name)")) }
            return number
        }
    }

    /// A size in bytes: digits with `k`, `M` or `G` (powers of 1024), within bounds.
    public static func size(_ range: ClosedRange<Int> = 0...(1 << 50)) -> Self {
        let name = "a size (500, 300k, 2M, 1G)"
        return Self(name) { (node, context) throws(ConfigurationErrors) in
            let text = try scalar(node, context, expected: name)
            guard let bytes = parseSize(text) else { throw ConfigurationErrors(context.error(node, "expected \(name)")) }
            guard range.contains(bytes) else {
                throw ConfigurationErrors(context.error(node, "must be from \(range.lowerBound) to \(range.upperBound) bytes"))
            }
            return bytes
        }
    }
}

extension ValueType where Value == Bool {
    /// `true` or `false` (also `yes`, `no`, `on`, `off`).
    public static var boolean: Self {
        Self("true or false") { (node, context) throws(ConfigurationErrors) in
            switch try scalar(node, context, expected: "true or false").lowercased() {
            case "true", "yes", "on": return true
            case "false", "no", "off": return false
            default: throw ConfigurationErrors(context.error(node, "expected true or false"))
            }
        }
    }
}

extension ValueType where Value == Duration {
    /// A duration: digits with `ms`, `s`, `m`, `h` or `d`, several in a row allowed (`1h30m`), within bounds.
    public static func duration(_ range: ClosedRange<Duration> = .zero ... .seconds(86_400 * 3_650)) -> Self {
        let name = "a duration (30s, 20m, 1h, 3d)"
        return Self(name) { (node, context) throws(ConfigurationErrors) in
            let text = try scalar(node, context, expected: name)
            guard let duration = parseDuration(text) else { throw ConfigurationErrors(context.error(node, "expected \(name)")) }
            guard range.contains(duration) else {
                let bounds = "from \(formatDuration(range.lowerBound)) to \(formatDuration(range.upperBound))"
                throw ConfigurationErrors(context.error(node, "must be \(bounds)"))
            }
            return duration
        }
    }
}

extension ValueType where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    /// One of the raw values of an enumeration.
    public static var choice: Self {
        let names = Value.allCases.map(\.rawValue)
        let name = names.count > 1 ? names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "") : names.first ?? ""
        return Self(name) { (node, context) throws(ConfigurationErrors) in
            let text = try scalar(node, context, expected: name)
            guard let value = Value(rawValue: text) else {
                let hint = nearest(to: text, among: names).map { "did you mean '\($0)'?" }
                throw ConfigurationErrors(context.error(node, "expected \(name)", hint: hint))
            }
            return value
        }
    }
}

/// The text of a scalar with its variables put in.
func scalar(_ node: ConfigurationNode, _ context: ReadingContext, expected: String) throws(ConfigurationErrors) -> String {
    guard case .scalar(let text) = node.content else {
        throw ConfigurationErrors(context.error(node, "expected \(expected), found \(node.kind)"))
    }
    do throws(Complaint) { return try substitute(text, from: context.environment) } catch {
        throw ConfigurationErrors(context.error(node, error.message, hint: error.hint))
    }
}
