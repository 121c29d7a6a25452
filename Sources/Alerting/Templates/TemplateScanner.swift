/// Goes through a template before Mustache does: knows every name, refuses what isn't wanted, and says where.
///
/// What is left is a small language: texts, sections, inverted sections, comments. Partials, inheritance, other delimiters and pragmas are refused,
/// so a tag is what stands between `{{` and `}}`, everywhere.
struct TemplateScanner {
    /// What a section is about.
    private struct Scope {
        let tag: String
        let line: Int
        let column: Int
        /// The names that it brings; `nil` when it brings none.
        var fields: [ContextField]?
        /// Whether `{{.}}` stands for something.
        var hasDot = false
        /// Whether it is a list: `first()` and `last()` stand for something.
        var isList = false
    }

    /// A mark in front of lines that have tags: when nothing else comes out of the line, it is left out. No text of a context has it.
    static let mark: Unicode.Scalar = "\u{E000}"

    private let file: String
    private let limits: TemplateLimits
    private var scopes: [Scope]
    private(set) var errors: [TemplateError] = []
    /// The template with marks, for Mustache.
    private(set) var marked = ""

    init(_ text: String, file: String, fields: [ContextField], limits: TemplateLimits) {
        self.file = file
        self.limits = limits
        self.scopes = [Scope(tag: "", line: 0, column: 0, fields: fields)]
        guard text.utf8.count <= limits.template else {
            errors.append(
                TemplateError(
                    file: file,
                    line: 1,
                    column: 1,
                    "the template has \(text.utf8.count) bytes; at most \(limits.template) are read"
                )
            )
            return
        }
        let lines = text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let standsAlone = scan(line, number: index + 1)
            if index > 0 { marked += "\n" }
            if !standsAlone, line.contains("{{") { marked.unicodeScalars.append(Self.mark) }
            marked += line
        }
        for open in scopes.dropFirst() {
            errors.append(
                TemplateError(
                    file: file,
                    line: open.line,
                    column: open.column,
                    "the section '\(open.tag)' isn't closed",
                    hint: "add {{/\(open.tag)}}"
                )
            )
        }
    }

    /// Whether the line is one section tag and nothing else: such a line leaves no line behind.
    private mutating func scan(_ line: Substring, number: Int) -> Bool {
        var rest = line
        var (tags, sections) = (0, 0)
        func column(_ index: Substring.Index) -> Int { line.distance(from: line.startIndex, to: index) + 1 }
        for index in line.indices {
            if !line[index].unicodeScalars.allSatisfy(ChatText.isPlain) { fail(number, column(index), "there is a control character here") }
        }
        while let open = rest.firstRange(of: "{{") {
            tags += 1
            var inside = rest[open.upperBound...]
            let isTriple = inside.first == "{"
            if isTriple { inside = inside.dropFirst() }
            guard let close = inside.firstRange(of: isTriple ? "}}}" : "}}") else {
                fail(number, column(open.lowerBound), "the tag isn't closed on its line", hint: "add \(isTriple ? "}}}" : "}}")")
                return false
            }
            let content = inside[..<close.lowerBound]
            if take(content, isTriple: isTriple, line: number, column: column(open.lowerBound)) { sections += 1 }
            rest = inside[close.upperBound...]
        }
        guard tags == 1, sections == 1 else { return false }
        let trimmed = line.trimmingSpaces()
        return trimmed.hasPrefix("{{") && trimmed.hasSuffix("}}")
    }

    private mutating func fail(_ line: Int, _ column: Int, _ message: String, hint: String? = nil) {
        guard errors.count < 50 else { return }
        errors.append(TemplateError(file: file, line: line, column: column, message, hint: hint))
    }

    /// Takes one tag; whether it is one that leaves no line behind.
    private mutating func take(_ content: Substring, isTriple: Bool, line: Int, column: Int) -> Bool {
        guard !isTriple else {
            text(content.trimmingSpaces(), line, column)
            return false
        }
        let name = content.dropFirst().trimmingSpaces()
        switch content.first {
        case "!":
            return true
        case "#":
            open(name, isInverted: false, line, column)
            return true
        case "^":
            open(name, isInverted: true, line, column)
            return true
        case "/":
            close(name, line, column)
            return true
        case "&":
            text(name, line, column)
        case ">", "<", "$":
            fail(line, column, "templates can't take in other templates", hint: "write its text here")
        case "=":
            fail(line, column, "the delimiters are always {{ and }}")
        case "%":
            fail(line, column, "pragmas aren't read: a message is always plain text")
        case " ", "\t":
            let trimmed = content.trimmingSpaces()
            if let sigil = trimmed.first, "#^/!&".contains(sigil) {
                fail(line, column, "there is a space before '\(sigil)'", hint: "write {{\(trimmed)}}")
            } else {
                text(trimmed, line, column)
            }
        default:
            text(content.trimmingSpaces(), line, column)
        }
        return false
    }

    /// The function and the name in `uppercased(title)`; no function in `title`.
    private mutating func parts(_ tag: String, _ line: Int, _ column: Int) -> (function: String, name: String)? {
        guard !tag.isEmpty, tag.utf8.count <= 200, tag.utf8.allSatisfy({ Self.isNameByte($0) || $0 == 0x28 || $0 == 0x29 }) else {
            let shown = ChatText.line(tag, limit: 40)
            fail(
                line,
                column,
                "'\(shown)' isn't a name",
                hint: "names have letters, digits, '.', '_' and '-'; labels with other names are reached by {{#labels}}"
            )
            return nil
        }
        guard let open = tag.firstIndex(of: "(") else {
            guard !tag.contains(")") else {
                fail(line, column, "'\(tag)' isn't a name")
                return nil
            }
            return ("", tag)
        }
        let inner = tag[tag.index(after: open)...]
        guard inner.last == ")", !inner.dropLast().contains(where: { $0 == "(" || $0 == ")" }) else {
            fail(line, column, "'\(tag)' isn't a name with one function", hint: "write such as uppercased(title)")
            return nil
        }
        return (String(tag[..<open]), String(inner.dropLast()))
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
    }

    /// What a name stands for: the innermost scope that has it counts.
    private mutating func kind(of name: String, _ line: Int, _ column: Int) -> ContextField.Kind? {
        let path = name.split(separator: ".", omittingEmptySubsequences: false)
        guard let first = path.first, !path.contains("") else {
            fail(line, column, "'\(name)' isn't a name")
            return nil
        }
        for scope in scopes.reversed() {
            guard let field = scope.fields?.first(where: { $0.name == first }) else { continue }
            guard path.count > 1 else { return field.kind }
            if case .labels = field.kind { return .text }
            fail(line, column, "'\(first)' has nothing below it", hint: "write {{\(first)}}")
            return nil
        }
        let known = scopes.flatMap { $0.fields?.map(\.name) ?? [] }
        fail(line, column, "there is no '\(name)' here", hint: Nearest.hint(to: String(first), among: known))
        return nil
    }

    private mutating func text(_ tag: String, _ line: Int, _ column: Int) {
        if tag == "." {
            if scopes.last(where: { $0.fields != nil || $0.hasDot })?.hasDot != true {
                fail(line, column, "{{.}} stands for nothing here", hint: "use it in a section of a text")
            }
            return
        }
        guard let (function, name) = parts(tag, line, column) else { return }
        if !function.isEmpty, !["uppercased", "lowercased", "capitalized"].contains(function) {
            fail(line, column, "there is no function '\(function)' for texts", hint: "there are uppercased, lowercased and capitalized")
            return
        }
        guard let kind = kind(of: name, line, column) else { return }
        switch kind {
        case .text: return
        case .flag: fail(line, column, "'\(name)' is yes or no", hint: "use {{#\(name)}}…{{/\(name)}}")
        case .labels:
            fail(line, column, "'\(name)' is several values", hint: "use {{\(name).NAME}}, or {{#\(name)}}{{name}}={{value}} {{/\(name)}}")
        case .list: fail(line, column, "'\(name)' is a list", hint: "use {{#\(name)}}…{{/\(name)}}")
        }
    }

    private mutating func open(_ tag: String, isInverted: Bool, _ line: Int, _ column: Int) {
        var scope = Scope(tag: tag, line: line, column: column)
        defer { scopes.append(scope) }
        guard scopes.count <= limits.depth else {
            fail(line, column, "sections nest deeper than \(limits.depth)")
            return
        }
        guard let (function, name) = parts(tag, line, column) else { return }
        guard function.isEmpty else {
            let isPlace = name.isEmpty && (function == "first" || function == "last")
            if !isPlace {
                fail(line, column, "there is no function '\(function)' for sections", hint: "in a list there are first() and last()")
            } else if scopes.last(where: { $0.fields != nil || $0.hasDot })?.isList != true {
                fail(line, column, "\(function)() is for the inside of a list")
            }
            return
        }
        guard let kind = kind(of: name, line, column) else { return }
        if isInverted {
            // Without rows there is no place in a list, and no text.
            switch kind {
            case .labels, .list: scope.fields = []
            case .text, .flag: break
            }
            return
        }
        switch kind {
        case .text: scope.hasDot = true
        case .flag: break
        case .labels:
            scope.fields = ContextField.label
            scope.isList = true
        case .list(let fields):
            if scopes.contains(where: { $0.tag == name && $0.isList }) { fail(line, column, "'\(name)' stands within itself") }
            scope.fields = fields
            scope.isList = true
        }
    }

    private mutating func close(_ tag: String, _ line: Int, _ column: Int) {
        guard scopes.count > 1, let open = scopes.last else {
            fail(line, column, "no section is open here", hint: "{{#\(ChatText.line(tag, limit: 40))}} is missing")
            return
        }
        if open.tag != tag {
            fail(line, column, "the section '\(open.tag)' of line \(open.line) is open here", hint: "write {{/\(open.tag)}}")
        }
        scopes.removeLast()
    }
}
