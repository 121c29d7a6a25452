/// Why a request was not accepted. Its message can be shown to the sender: it quotes nothing of the body but the names of its keys.
public struct HookError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of trouble it is; extensible.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The name that metrics and answers give it.
        public let name: String
        /// The HTTP status that says it: of the 400 class for what will never work, of the 500 class for what the sender shall repeat.
        public let status: Int

        /// Makes a code.
        public init(_ name: String, status: Int) {
            self.name = name
            self.status = status
        }

        /// There is no such route.
        public static let unknownRoute = Code("unknown-route", status: 404)
        /// It can't be accepted durably now: the store fails, the process begins or ends, too much waits.
        public static let unavailable = Code("unavailable", status: 503)

        /// Its name.
        public var description: String { name }
    }

    /// What kind of trouble it is.
    public var code: Code
    /// What is wrong, where, and what would be right.
    public var message: String

    /// Makes an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// What a source refused, with its own status.
    public init(_ error: SourceError) { self.init(Code(error.code.name, status: error.code.status), error.description) }

    /// The message.
    public var description: String { message }
}
