/// One thing that is wrong with the configuration: where, what, and what to do about it.
///
/// No error quotes the value of a variable or a secret.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file as the operator named it.
    public var file: String
    /// The line, from 1; `nil` when the file as a whole is meant.
    public var line: Int?
    /// The column, from 1.
    public var column: Int?
    /// The key path, such as `accounts[0].jid`; empty at the top level.
    public var path: String
    /// What is wrong.
    public var message: String
    /// What to do about it, such as `did you mean 'jid'?`.
    public var hint: String?

    /// Makes an error about a place in a file.
    public init(at position: Position, path: String, _ message: String, hint: String? = nil) {
        self.file = position.file
        self.line = position.line
        self.column = position.column
        self.path = path
        self.message = message
        self.hint = hint
    }

    /// Makes an error about a whole file.
    public init(file: String, _ message: String, hint: String? = nil) {
        self.file = file
        self.path = ""
        self.message = message
        self.hint = hint
    }

    /// One line: `config.yaml:12:5: accounts[0].jdi: unknown key; did you mean 'jid'?`
    public var description: String {
        var text = file
        if let line { text += ":\(line)" }
        if let column { text += ":\(column)" }
        text += ": "
        if !path.isEmpty { text += path + ": " }
        text += message
        if let hint { text += "; " + hint }
        return text
    }
}

/// Everything that is wrong with the configuration, in the order of the file.
public struct ConfigurationErrors: Error, Hashable, Sendable, CustomStringConvertible {
    /// The errors; never empty when thrown.
    public var errors: [ConfigurationError]

    /// Makes a collection.
    public init(_ errors: [ConfigurationError]) { self.errors = errors }

    /// Makes a collection of one.
    public init(_ error: ConfigurationError) { self.errors = [error] }

    /// One line an error.
    public var description: String { errors.map(\.description).joined(separator: "\n") }
}

extension [ConfigurationError] {
    /// Sorted by place; what stands in one place keeps its order.
    func inOrderOfFile() -> [ConfigurationError] {
        func isBefore(_ left: ConfigurationError, _ right: ConfigurationError) -> Bool {
            (left.line ?? 0, left.column ?? 0) < (right.line ?? 0, right.column ?? 0)
        }
        return sorted(by: isBefore)
    }
}

/// What is wrong with one value, said by a check that knows neither file nor key: see ``ValueType/checked(as:_:)``.
public struct Complaint: Error, Hashable, Sendable {
    /// What is wrong; doesn't quote the value if that may be a secret.
    public var message: String
    /// What to do about it.
    public var hint: String?

    /// Makes a complaint.
    public init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }
}
