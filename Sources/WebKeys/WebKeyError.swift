import Web

/// Why a Web Key Directory could not be asked, or its answer not used.
public struct WebKeyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; more may come.
    public struct Code: Hashable, Sendable {
        private enum Known: Hashable { case name, unreachable, untrusted, refused, malformed, tooBig, timedOut, busy, system }
        private let known: Known
        /// The mailbox's domain can't be the name of a host, or no name server could look it up.
        public static let name = Code(known: .name)
        /// There is no connection to the host, or it broke.
        public static let unreachable = Code(known: .unreachable)
        /// The host's certificate is not accepted.
        public static let untrusted = Code(known: .untrusted)
        /// The answer is neither a key nor that there is none: a redirect, a server's error.
        public static let refused = Code(known: .refused)
        /// The answer is no key, or several.
        public static let malformed = Code(known: .malformed)
        /// The answer is longer than ``WebKeyClient/sizeLimit``.
        public static let tooBig = Code(known: .tooBig)
        /// The answer did not come in time.
        public static let timedOut = Code(known: .timedOut)
        /// Too many questions are waiting already.
        public static let busy = Code(known: .busy)
        /// This machine is at fault: no thread, no memory, no list of authorities.
        public static let system = Code(known: .system)
    }
    /// What kind of failure it is.
    public let code: Code
    /// What happened, where, and what to do about it. Nothing in it comes from the server.
    public let message: String

    /// Makes an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// A request's failure, with whom was asked.
    init(_ error: WebError, of subject: String) {
        let code: Code =
            switch error.code {
            case .unreachable, .broken: .unreachable
            case .untrusted: .untrusted
            case .tooBig: .tooBig
            case .timedOut: .timedOut
            case .busy: .busy
            default: .system
            }
        self.init(code, "\(subject) \(error.message)")
    }

    /// The message.
    public var description: String { message }
}
