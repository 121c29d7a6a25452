/// One thing that is wrong with a template: where, what, and what to do about it.
public struct TemplateError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file as the operator named it.
    public var file: String
    /// The line, from 1.
    public var line: Int
    /// The column, from 1.
    public var column: Int
    /// What is wrong.
    public var message: String
    /// What to do about it.
    public var hint: String?

    /// Makes an error.
    public init(file: String, line: Int, column: Int, _ message: String, hint: String? = nil) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.hint = hint
    }

    /// One line: `alert.mustache:3:5: there is no 'summry'; did you mean 'summary'?`
    public var description: String { "\(file):\(line):\(column): \(message)" + (hint.map { "; " + $0 } ?? "") }
}

/// Everything that is wrong with a template, in the order of its text.
public struct TemplateErrors: Error, Sendable, Hashable, CustomStringConvertible {
    /// The errors; never empty when thrown.
    public var errors: [TemplateError]

    /// Makes a collection.
    public init(_ errors: [TemplateError]) { self.errors = errors }

    /// One line an error.
    public var description: String { errors.map(\.description).joined(separator: "\n") }
}
