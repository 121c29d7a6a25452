/// One variable of the environment: `NAME`, or its twin `NAME_FILE`, which names a file that holds the value.
///
/// The twin is the way of container secrets (`DB_PASSWORD_FILE=/run/secrets/db`), and is known wherever a variable is.
struct Variable {
    let name: String

    init(_ name: String) { self.name = name }

    /// The name of the twin.
    var twin: String { name + "_FILE" }

    /// The longest file, in bytes.
    static let limit = 64 * 1024

    /// The file that holds the value, if the environment says so. An empty twin counts as not there.
    func file(in environment: [String: String]) -> String? {
        guard let path = environment[twin], !path.isEmpty else { return nil }
        return path
    }

    /// The value; `nil` if there is neither the variable nor its twin. One trailing line break of a file is removed.
    ///
    /// Blocks for the time of reading a small local file, if there is a twin.
    ///
    /// - Throws: ``Complaint`` that names the variable, never a value: both are there, or the file can't be read.
    func value(in environment: [String: String]) throws(Complaint) -> String? {
        let value = environment[name]
        guard let path = file(in: environment) else { return value }
        // What passes variables on, such as compose, sets those that it hasn't got to nothing.
        guard value ?? "" == "" else { throw Complaint("the environment has both \(name) and \(twin)", hint: "set one of them only") }
        let bytes: [UInt8]
        do throws(Complaint) { bytes = try SystemFile.read(path, limit: Self.limit).bytes } catch {
            throw Complaint("\(twin): \(error.message)", hint: error.hint)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Complaint("\(twin): \(path) is not UTF-8 text") }
        return cuttingLineBreak(text)
    }

    /// What to say where the environment has no such variable.
    func absence(_ hint: String) -> Complaint { Complaint("the environment has no variable \(name)", hint: hint) }
}

/// A text without its last line break: files that people write end with one.
func cuttingLineBreak(_ text: String) -> String {
    // A carriage return and a line feed are one Character.
    text.hasSuffix("\r\n") || text.hasSuffix("\n") ? String(text.dropLast()) : text
}
