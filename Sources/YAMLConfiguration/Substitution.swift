/// Puts variables into text: `${NAME}`, `${NAME:-default}` (also for an empty variable), `$$` for a dollar sign. A `$` before anything
/// else stays as it is, so that regular expressions need no escapes. Instead of `NAME` the environment may have `NAME_FILE` (``Variable``).
///
/// - Throws: ``Complaint`` for a missing variable or an unclosed brace; it names the variable, never a value.
func substitute(_ text: String, from environment: [String: String]) throws(Complaint) -> String {
    try expand(text) { (name, fallback) throws(Complaint) in
        let variable = Variable(name)
        if let value = try variable.value(in: environment), fallback == nil || !value.isEmpty { return value }
        guard let fallback else { throw variable.absence("set it, or write ${\(name):-default}") }
        return fallback
    }
}

/// The files that the variables in a text come from (`NAME_FILE`).
func variableFiles(_ text: String, in environment: [String: String]) -> [String] {
    var files: [String] = []
    _ = try? expand(text) { (name, _) throws(Complaint) in
        if let file = Variable(name).file(in: environment) { files.append(file) }
        return ""
    }
    return files
}

/// Puts what `value` says for a name and its default in the place of each variable.
private func expand(
    _ text: String,
    _ value: (_ name: String, _ fallback: String?) throws(Complaint) -> String
) throws(Complaint) -> String {
    guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
    var result = ""
    var rest = Substring(text)
    while let dollar = rest.firstIndex(of: "$") {
        result += rest[..<dollar]
        rest = rest[rest.index(after: dollar)...]
        if rest.first == "$" {
            result += "$"
            rest = rest.dropFirst()
        } else if rest.first == "{" {
            guard let close = rest.firstIndex(of: "}") else { throw Complaint("'${' without '}'", hint: "write '$$' for a dollar sign") }
            let (name, fallback) = try parts(rest[rest.index(after: rest.startIndex)..<close])
            result += try value(name, fallback)
            rest = rest[rest.index(after: close)...]
        } else {
            result += "$"
        }
    }
    return result + rest
}

/// The name and the default of what stands between the braces.
private func parts(_ inner: Substring) throws(Complaint) -> (name: String, fallback: String?) {
    let colon = inner.firstIndex(of: ":")
    let name = String(inner[..<(colon ?? inner.endIndex)])
    guard isVariableName(name) else {
        throw Complaint("'\(name)' is no name of a variable", hint: "write ${NAME} or ${NAME:-default}, or '$$' for a dollar sign")
    }
    var fallback: String?
    if let colon {
        let tail = inner[inner.index(after: colon)...]
        guard tail.first == "-" else { throw Complaint("'${\(name):' must be followed by '-' and a default") }
        fallback = String(tail.dropFirst())
    }
    return (name, fallback)
}

/// Letters, digits and underscores, not beginning with a digit.
func isVariableName(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
