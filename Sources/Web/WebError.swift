/// Why a request has no answer. Nothing in it comes from the server, and neither the URL nor a secret is in it: who asks adds whom.
public struct WebError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; more may come.
    public struct Code: Hashable, Sendable {
        private enum Known: Hashable { case unreachable, untrusted, tooBig, timedOut, broken, busy, request, system }
        private let known: Known
        /// There is no such host, or no connection to it.
        public static let unreachable = Code(known: .unreachable)
        /// The host's certificate is not accepted.
        public static let untrusted = Code(known: .untrusted)
        /// The answer is longer than the request's limit.
        public static let tooBig = Code(known: .tooBig)
        /// The answer did not come in time.
        public static let timedOut = Code(known: .timedOut)
        /// No TLS, no HTTP, or the connection broke.
        public static let broken = Code(known: .broken)
        /// Too many requests are waiting already.
        public static let busy = Code(known: .busy)
        /// The request itself can't be made: its URL or a header of it.
        public static let request = Code(known: .request)
        /// This machine is at fault: no thread, no memory, no list of authorities.
        public static let system = Code(known: .system)
    }
    /// What kind of failure it is.
    public let code: Code
    /// What happened, and what to do about it; begins in lower case, with the one who was asked as its subject.
    public let message: String

    /// Makes an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
