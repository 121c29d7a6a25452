/// A place in a JSON body that knows its path, so that an error says where it is.
struct JSONCursor {
    let value: JSONValue
    let path: String

    init(_ value: JSONValue, path: String = "") {
        self.value = value
        self.path = path
    }

    private func error(_ expected: String) -> SourceError {
        SourceError(.shape, at: path, "is \(value.kind), where \(expected) is expected")
    }

    private func below(_ key: String) -> String {
        // Keys are the sender's: a hostile one doesn't get to write the log.
        let name = ChatText.line(key, limit: 40)
        return path.isEmpty ? name : "\(path).\(name)"
    }

    /// The members of an object.
    func object() throws(SourceError) -> [String: JSONValue] {
        guard case .object(let members) = value else { throw error("an object") }
        return members
    }

    /// The member of this object; `nil` when it is absent or null.
    func get(_ key: String) throws(SourceError) -> JSONCursor? {
        guard let member = try object()[key], member != .null else { return nil }
        return JSONCursor(member, path: below(key))
    }

    /// The member that must be there.
    func need(_ key: String) throws(SourceError) -> JSONCursor {
        guard let member = try get(key) else { throw SourceError(.shape, at: below(key), "is missing") }
        return member
    }

    /// The elements of a list.
    func list() throws(SourceError) -> [JSONCursor] {
        guard case .array(let elements) = value else { throw error("a list") }
        var cursors: [JSONCursor] = []
        cursors.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() { cursors.append(JSONCursor(element, path: "\(path)[\(index)]")) }
        return cursors
    }

    /// A string, as it stood.
    func string() throws(SourceError) -> String {
        guard case .string(let text) = value else { throw error("a string") }
        return text
    }

    /// The string member; empty when absent or null.
    func string(_ key: String) throws(SourceError) -> String { try get(key)?.string() ?? "" }

    /// A string, number or truth value as text.
    func scalar() throws(SourceError) -> String {
        guard let text = value.scalar else { throw error("a string or a number") }
        return text
    }

    /// The member as text, whatever scalar it is; empty when absent or null.
    func scalar(_ key: String) throws(SourceError) -> String { try get(key)?.scalar() ?? "" }

    /// A whole number, not negative; 0 when absent or null.
    func count(_ key: String) throws(SourceError) -> Int {
        guard let member = try get(key) else { return 0 }
        guard case .number(let text) = member.value, let number = Int(text), number >= 0 else { throw member.error("a whole number") }
        return number
    }

    /// A truth value; `false` when absent or null.
    func flag(_ key: String) throws(SourceError) -> Bool {
        guard let member = try get(key) else { return false }
        guard case .bool(let value) = member.value else { throw member.error("true or false") }
        return value
    }

    /// An object of strings (numbers and truth values as text), fit for chat: names and values cut, the first ones by name kept.
    func labels(_ key: String, limits: SourceLimits) throws(SourceError) -> [String: String] {
        guard let member = try get(key) else { return [:] }
        var output: [String: String] = [:]
        for (name, value) in try member.object().sorted(by: { $0.key < $1.key }) {
            guard output.count < limits.labels else { break }
            if value == .null { continue }
            let text = try JSONCursor(value, path: member.below(name)).scalar()
            let clean = ChatText.line(name, limit: limits.name)
            if !clean.isEmpty { output[clean] = ChatText.block(text, limit: limits.value) }
        }
        return output
    }

    /// A line of text; empty when absent.
    func line(_ key: String, limit: Int) throws(SourceError) -> String { ChatText.line(try scalar(key), limit: limit) }

    /// Several lines of text; empty when absent.
    func block(_ key: String, limit: Int) throws(SourceError) -> String { ChatText.block(try scalar(key), limit: limit) }

    /// An address, if it is one that can be shown.
    func link(_ key: String, limits: SourceLimits) throws(SourceError) -> String? {
        WebLink.checked(try string(key), limit: limits.link)
    }

    /// A time; `nil` when absent or none.
    func time(_ key: String) throws(SourceError) -> String? {
        let text = try scalar(key)
        return text.isEmpty ? nil : String(text.prefix(64))
    }
}
