import Yams

/// What Yams found wrong, in our words and at the place that the operator has to look at.
func describe(_ error: YamlError, text: String, file: String) -> ConfigurationError {
    func at(_ mark: Mark, _ message: String, hint: String? = nil) -> ConfigurationError {
        ConfigurationError(at: Position(file: file, line: mark.line, column: mark.column), path: "", message, hint: hint)
    }
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
        let tabs = problem.contains("cannot start any token")
        let within = context.map { " \($0.text)" + ($0.mark.line == mark.line ? "" : " that began in line \($0.mark.line)") } ?? ""
        let hint = tabs ? "indent with spaces, and quote text that begins with a special character" : "check the indentation and quotes"
        return at(mark, "not valid YAML: \(problem)\(within)", hint: hint)
    case .composer(_, let problem, let mark, _):
        if problem.contains("undefined alias") { return at(mark, "the alias names no anchor before it") }
        return at(mark, "the file must hold one document; a second one begins here")
    case .duplicatedKeysInMapping(let names, let context):
        let name = names.first ?? ""
        let first = context.mark
        let line = secondLine(of: name, after: first, in: text)
        let position = Position(file: file, line: line ?? first.line, column: first.column)
        return ConfigurationError(at: position, path: name, "given twice", hint: line == nil ? nil : "the first is in line \(first.line)")
    case .reader(let problem, let offset, _, _):
        var line = 1
        var column = 1
        for character in text.prefix(offset ?? 0) { if character.isNewline { (line, column) = (line + 1, 1) } else { column += 1 } }
        return ConfigurationError(at: Position(file: file, line: line, column: column), path: "", "not valid YAML: \(problem)")
    default: return ConfigurationError(file: file, "can't be read as YAML")
    }
}

/// Yams reports only the first of two equal keys. In block style the second begins a later line in the same column, with nothing further
/// left in between.
private func secondLine(of name: String, after first: Mark, in text: String) -> Int? {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated().dropFirst(first.line) {
        let indent = line.prefix { $0 == " " }.count
        guard indent < line.count else { continue }
        let rest = line.dropFirst(first.column - 1)
        if indent == first.column - 1 {
            for written in [name, "'\(name)'", "\"\(name)\""] where rest.hasPrefix(written) {
                if rest.dropFirst(written.count).drop(while: { $0 == " " }).hasPrefix(":") { return index + 1 }
            }
        } else if indent < first.column - 1, !line.dropFirst(indent).hasPrefix("#") {
            return nil
        }
    }
    return nil
}
