import Yams

/// Makes nodes of YAML text.
///
/// Yams follows aliases while it composes, sharing what they name, so a few lines can stand for billions of nodes, or for a tree so deep that
/// releasing it exhausts the stack. So the number of aliases, and of collections that they could chain, is bounded before Yams sees the text;
/// depth and number of nodes while its tree is walked. Without aliases libyaml's own limit (1,000 levels) holds the depth.
func compose(_ text: String, file: String, limits: ConfigurationFile.Limits) throws(ConfigurationErrors) -> ConfigurationNode {
    let start = Position(file: file, line: 1, column: 1)
    func failure(_ message: String, at position: Position? = nil, hint: String? = nil) -> ConfigurationErrors {
        ConfigurationErrors(ConfigurationError(at: position ?? start, path: "", message, hint: hint))
    }
    guard text.utf8.count <= limits.bytes else { throw failure("is larger than \(limits.bytes) bytes") }
    let most = countAtMost(in: text)
    guard most.aliases <= limits.aliases else { throw failure("has more than \(limits.aliases) aliases") }
    guard most.aliases == 0 || most.collections <= 10_000 else {
        throw failure("is too large for a file with aliases", hint: "write them out")
    }
    let root: Node?
    do {
        // Without rules nothing is resolved: a scalar stays the text that it is.
        root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
    } catch let error as YamlError { throw ConfigurationErrors(describe(error, text: text, file: file)) } catch {
        throw failure("can't be read as YAML")
    }
    guard let root else { return ConfigurationNode(.null, at: start) }
    var walk = Walk(file: file, limits: limits)
    return try walk.node(root, depth: 0, path: "")
}

/// At least as many as there are: every `*` where an alias could begin, every character that could begin a collection or one of its entries.
private func countAtMost(in text: String) -> (aliases: Int, collections: Int) {
    var aliases = 0
    var collections = 0
    var previous = UInt8(ascii: "\n")
    for byte in text.utf8 {
        if byte == UInt8(ascii: "*"), " \t\r\n[{,:-?".utf8.contains(previous) { aliases += 1 }
        if "[{-:?".utf8.contains(byte) { collections += 1 }
        previous = byte
    }
    return (aliases, collections)
}

private struct Walk {
    let file: String
    let limits: ConfigurationFile.Limits
    var count = 0

    mutating func node(_ node: Node, depth: Int, path: String) throws(ConfigurationErrors) -> ConfigurationNode {
        let position = place(node)
        count += 1
        guard count <= limits.nodes else { throw failure(position, path, "more than \(limits.nodes) values") }
        guard depth <= limits.depth else { throw failure(position, path, "nested more than \(limits.depth) levels deep") }
        switch node {
        case .scalar(let scalar):
            try checkTag(scalar.tag, position, path)
            let quoted = scalar.style != .plain && scalar.style != .any
            let isNull = !quoted && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
            return ConfigurationNode(isNull ? .null : .scalar(scalar.string), at: position)
        case .sequence(let sequence):
            try checkTag(sequence.tag, position, path)
            var list: [ConfigurationNode] = []
            for (index, element) in sequence.enumerated() {
                list.append(try self.node(element, depth: depth + 1, path: path + "[\(index)]"))
            }
            return ConfigurationNode(.list(list), at: position)
        case .mapping(let mapping):
            try checkTag(mapping.tag, position, path)
            return ConfigurationNode(.map(try pairs(mapping, depth: depth, path: path)), at: position)
        case .alias:
            // Parsing never leaves one behind; only trees made by hand hold them.
            throw failure(position, path, "an alias to nothing")
        }
    }

    private mutating func pairs(_ mapping: Node.Mapping, depth: Int, path: String) throws(ConfigurationErrors) -> [ConfigurationNode.Pair] {
        var own: [ConfigurationNode.Pair] = []
        var merged: [ConfigurationNode.Pair] = []
        for (key, value) in mapping {
            let position = place(key)
            guard case .scalar(let scalar) = key else { throw failure(position, path, "a key must be a single value") }
            let inner = path.isEmpty ? scalar.string : path + "." + scalar.string
            if scalar.string == "<<", scalar.style == .plain {
                merged += try mergePairs(value, depth: depth, path: inner)
            } else {
                let value = try node(value, depth: depth + 1, path: inner)
                own.append(ConfigurationNode.Pair(key: scalar.string, keyPosition: position, value: value))
            }
        }
        // YAML's merge key: what stands in the mapping itself wins, then the first that names a key.
        var names = Set(own.map(\.key))
        for pair in merged where names.insert(pair.key).inserted { own.append(pair) }
        return own
    }

    private mutating func mergePairs(_ value: Node, depth: Int, path: String) throws(ConfigurationErrors) -> [ConfigurationNode.Pair] {
        let whole = try node(value, depth: depth + 1, path: path)
        let sources: [ConfigurationNode] = if case .list(let list) = whole.content { list } else { [whole] }
        var pairs: [ConfigurationNode.Pair] = []
        for source in sources {
            guard case .map(let found) = source.content else {
                throw failure(source.position, path, "'<<' takes a mapping or a list of mappings")
            }
            pairs += found
        }
        return pairs
    }

    private func checkTag(_ tag: Tag, _ position: Position, _ path: String) throws(ConfigurationErrors) {
        let known = ["", "tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map", "!"]
        guard known.contains(tag.description) else {
            throw failure(position, path, "the tag '\(tag.description)' means nothing here", hint: "remove it")
        }
    }

    private func place(_ node: Node) -> Position { Position(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1) }

    private func failure(_ position: Position, _ path: String, _ message: String, hint: String? = nil) -> ConfigurationErrors {
        ConfigurationErrors(ConfigurationError(at: position, path: path, message, hint: hint))
    }
}

extension ConfigurationNode {
    /// The node of a default as a schema writes it; what can't be parsed is taken as text.
    init(parsing text: String, at position: Position) {
        self =
            (try? compose(text, file: position.file, limits: ConfigurationFile.Limits()).moved(to: position))
            ?? ConfigurationNode(.scalar(text), at: position)
    }

    private func moved(to position: Position) -> ConfigurationNode {
        let content: Content =
            switch self.content {
            case .null, .scalar: self.content
            case .list(let list): .list(list.map { $0.moved(to: position) })
            case .map(let pairs): .map(pairs.map { Pair(key: $0.key, keyPosition: position, value: $0.value.moved(to: position)) })
            }
        return ConfigurationNode(content, at: position)
    }
}
