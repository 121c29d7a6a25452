/// Puts variables into text: `${NAME}`, `${NAME:-default}` (also for an empty variable), `$$` for a dollar sign. A `$` before anything
/// else stays as it is, so that regular expressions need no escapes.
///
/// - Throws: ``Complaint`` for a missing variable or an unclosed brace; it names the variable, never a value.
func substitute(_ text: String, from environment: [String: String]) throws(Complaint) -> String {
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
            result += try variable(rest[rest.index(after: rest.startIndex)..<close], environment)
            rest = rest[rest.index(after: close)...]
        } else {
            result += "$"
        }
    }
    return result + rest
}

/// The value of what stands between the braces.
private func variable(_ inner: Substring, _ environment: [String: String]) throws(Complaint) -> String {
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
    if let value = environment[name], fallback == nil || !value.isEmpty { return value }
    guard let fallback else { throw Complaint("the environment has no variable \(name)", hint: "set it, or write ${\(name):-default}") }
    return fallback
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
