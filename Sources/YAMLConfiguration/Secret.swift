/// A secret by reference: where a password or passphrase comes from, never what it is.
///
/// It is resolved late, each time it is needed, so that a changed file or an unlocked password store counts at the next attempt. Neither
/// description nor reflection shows more than the kind of source.
public struct Secret: Sendable {
    /// Where it comes from.
    enum Source: Sendable {
        /// Text in the configuration; variables not yet put in.
        case inline(String)
        /// A file's content.
        case file(String)
        /// A variable.
        case environment(String)
        /// A command's output; the first element is the program.
        case command([String])
    }
    let source: Source
    /// Where it stands, for errors.
    let position: Position
    let path: String

    /// The file that holds it, if it lies in one.
    public var file: String? { if case .file(let path) = source { path } else { nil } }

    /// The files that it comes from: the one that holds it, or those that `NAME_FILE` names for its variables.
    public func files(environment: [String: String]) -> [String] {
        switch source {
        case .inline(let text): variableFiles(text, in: environment)
        case .file(let path): [path]
        case .environment(let name): Variable(name).file(in: environment).map { [$0] } ?? []
        case .command: []
        }
    }

    /// The longest secret, in bytes.
    public static let limit = 64 * 1024
    /// The longest a command may take.
    public static let commandTime: Duration = .seconds(30)

    /// Fetches the secret; one trailing line break is removed.
    ///
    /// A command runs without a shell, in a session of its own, without standard input, with the environment given and its standard error
    /// left to ours.
    ///
    /// - Throws: ``ConfigurationError`` that names the source and what to do, never a part of the secret.
    @concurrent public func resolve(environment: [String: String]) async throws(ConfigurationError) -> String {
        do throws(Complaint) {
            let bytes = try await Blocking.run { () throws(Complaint) in
                if case .command(let arguments) = source {
                    return try CommandOutput.read(arguments, environment: environment, limit: Self.limit, time: Self.commandTime)
                }
                return try standing(environment) ?? []
            }
            return try text(bytes)
        } catch {
            throw self.error(error)
        }
    }

    /// What it is now, as far as that shows without running anything: `nil` for the output of a command. Blocks for the time of reading a file.
    ///
    /// For judging a configuration; who uses the secret takes ``resolve(environment:)``.
    ///
    /// - Throws: What ``resolve(environment:)`` throws.
    public func peek(environment: [String: String]) throws(ConfigurationError) -> String? {
        do throws(Complaint) { return try standing(environment).map { bytes throws(Complaint) in try text(bytes) } } catch {
            throw self.error(error)
        }
    }

    /// What is wrong with the secret, said at its place in the file.
    public func error(_ complaint: Complaint) -> ConfigurationError {
        ConfigurationError(at: position, path: path, complaint.message, hint: complaint.hint)
    }

    /// The bytes where they stand; `nil` if a command has them.
    private func standing(_ environment: [String: String]) throws(Complaint) -> [UInt8]? {
        switch source {
        case .inline(let text): Array(try substitute(text, from: environment).utf8)
        case .environment(let name): Array(try Self.value(of: name, in: environment).utf8)
        case .file(let path): try SystemFile.read(path, limit: Self.limit).bytes
        case .command: nil
        }
    }

    private func text(_ bytes: [UInt8]) throws(Complaint) -> String {
        guard let all = String(validating: bytes, as: UTF8.self) else { throw Complaint("the secret from \(self) is not UTF-8 text") }
        let text = cuttingLineBreak(all)
        guard !text.isEmpty else { throw Complaint("the secret from \(self) is empty") }
        return text
    }

    private static func value(of name: String, in environment: [String: String]) throws(Complaint) -> String {
        let variable = Variable(name)
        guard let value = try variable.value(in: environment) else { throw variable.absence("set it, or \(variable.twin)") }
        return value
    }

    /// What can be told about it without running anything: errors (no such file or program, variable not set, nothing in it, not text) and
    /// warnings (readable by others). Blocks for the time of looking at a file.
    public func inspect(environment: [String: String]) -> (error: ConfigurationError?, warning: ConfigurationError?) {
        var found = look(environment)
        if found.error == nil { do throws(ConfigurationError) { _ = try peek(environment: environment) } catch { found.error = error } }
        return found
    }

    private func look(_ environment: [String: String]) -> (error: ConfigurationError?, warning: ConfigurationError?) {
        func make(_ message: String, _ hint: String) -> ConfigurationError {
            error(Complaint(message, hint: hint))
        }
        switch source {
        case .inline(let text):
            do throws(Complaint) {
                let value = try substitute(text, from: environment)
                guard !value.isEmpty else { return (make("is empty", "give the secret, or say where it comes from"), nil) }
                // What stands in the file itself is as open as the file.
                guard value == text, let mode = SystemFile.mode(position.file), mode & 0o077 != 0 else { return (nil, nil) }
                return (nil, make("stands in a file that others can read", "chmod 600 \(position.file), or write {file: PATH}"))
            } catch {
                return (self.error(error), nil)
            }
        case .environment(let name):
            do throws(Complaint) {
                let value = try Self.value(of: name, in: environment)
                return (value.isEmpty ? make("the variable \(name) is empty", "put the secret into it") : nil, nil)
            } catch {
                return (self.error(error), nil)
            }
        case .file(let file):
            do throws(Complaint) {
                let content = try SystemFile.read(file, limit: Self.limit)
                let isEmpty = content.bytes.allSatisfy { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
                return (
                    isEmpty ? make("\(file) is empty", "write the secret into it") : nil,
                    content.mode & 0o077 == 0 ? nil : make("\(file) can be read by others", "chmod 600 \(file)")
                )
            } catch {
                return (self.error(error), nil)
            }
        case .command(let arguments):
            let program = arguments.first ?? ""
            let found = CommandOutput.find(program, environment: environment) != nil
            return (found ? nil : make("there is no program \(program)", "install it, or write its path"), nil)
        }
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The kind of source, and its name: `a file (/etc/oxbow/password)`.
    public var description: String {
        switch source {
        case .inline: "the configuration"
        case .file(let path): "the file \(path)"
        case .environment(let name): "the variable \(name)"
        case .command(let arguments): "the command \(arguments.first ?? "")"
        }
    }
    /// The same.
    public var debugDescription: String { description }
    /// Nothing: `dump` shows no secret.
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}

extension ValueType where Value == Secret {
    /// A secret: text (with `${…}`), `{file: PATH}`, `{env: NAME}` or `{command: [PROGRAM, ARGUMENT…]}`.
    public static var secret: Self {
        Self("text with ${NAME}, {file: PATH}, {env: NAME} or {command: [PROGRAM, …]}") { (node, context) throws(ConfigurationErrors) in
            if case .scalar(let text) = node.content {
                _ = try scalar(node, context, expected: "a secret")
                return Secret(source: .inline(text), position: node.position, path: context.path)
            }
            let section = try secretSchema.read(node, context)
            let source: Secret.Source
            switch (section[secretFile], section[secretVariable], section[secretCommand]) {
            case (let file?, nil, nil): source = .file(file)
            case (nil, let name?, nil): source = .environment(name)
            case (nil, nil, let command?): source = .command(command)
            default: throw ConfigurationErrors(section.error("needs exactly one of file, env and command"))
            }
            return Secret(source: source, position: node.position, path: context.path)
        }
    }
}

private let secretFile = Key(optional: "file", .path, "A file that holds it; one trailing line break is removed")
private let secretVariable = Key(
    optional: "env",
    ValueType<String>.name.checked(as: "the name of a variable") { (name) throws(Complaint) in
        guard isVariableName(name) else { throw Complaint("expected the name of a variable") }
        return name
    },
    "A variable of the environment"
)
private let secretCommand = Key(
    optional: "command",
    ValueType<[String]>.list(of: .string, count: 1...64),
    "A program and its arguments, run without a shell, at most 30 seconds; its output is the secret"
)
private let secretSchema = Schema(secretFile, secretVariable, secretCommand)
