/// Why a local (Unix-domain) socket can't be used.
public struct LocalSocketError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; more may come.
    public struct Code: Hashable, Sendable {
        private enum Known: Hashable { case path, busy, absent, denied, tooLong, closed, system }
        private let known: Known
        /// The path can't name a socket: too long, or something else lies there.
        public static let path = Code(known: .path)
        /// Another process listens there.
        public static let busy = Code(known: .busy)
        /// Nobody listens there.
        public static let absent = Code(known: .absent)
        /// The socket may not be used by this user.
        public static let denied = Code(known: .denied)
        /// A line is longer than ``LocalSocketPath/maximumLineLength``.
        public static let tooLong = Code(known: .tooLong)
        /// The connection has ended.
        public static let closed = Code(known: .closed)
        /// The operating system refused for another reason.
        public static let system = Code(known: .system)
    }
    /// What kind of failure it is.
    public let code: Code
    /// What happened, where, and what to do about it.
    public let message: String

    /// Makes an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
