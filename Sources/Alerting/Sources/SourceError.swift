/// Why a request can't become an alert, and never will: it is answered with a status of the 400 class, so that the sender doesn't repeat it.
///
/// The message quotes nothing of the body but the names of its keys.
public struct SourceError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of trouble it is; extensible.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The name that metrics and answers give it, such as `not-json`.
        public let name: String
        /// The HTTP status that says it.
        public let status: Int

        /// Makes a code.
        public init(_ name: String, status: Int) {
            self.name = name
            self.status = status
        }

        /// The body, or what is in it, is larger than the limits.
        public static let tooLarge = Code("too-large", status: 413)
        /// The body isn't JSON, or isn't UTF-8.
        public static let unreadable = Code("unreadable", status: 400)
        /// The content type isn't one that the source reads.
        public static let contentType = Code("content-type", status: 415)
        /// Something is missing, or of another type than the source expects.
        public static let shape = Code("shape", status: 422)
        /// A version or an event that the source doesn't know.
        public static let unsupported = Code("unsupported", status: 422)

        /// Its name.
        public var description: String { name }
    }

    /// What kind of trouble it is.
    public var code: Code
    /// Where in the body, such as `alerts[3].labels.severity`; empty when the whole is meant.
    public var path: String
    /// What is wrong, and what would be right.
    public var message: String

    /// Makes an error.
    public init(_ code: Code, at path: String = "", _ message: String) {
        self.code = code
        self.path = path
        self.message = message
    }

    /// One line: `alerts[3].labels: is a string, not an object`.
    public var description: String { path.isEmpty ? message : "\(path): \(message)" }
}
