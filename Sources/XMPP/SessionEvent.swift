/// What a session tells its account, in order.
public enum SessionEvent: Sendable {
    /// The stream is bound (or resumed: nothing that the server keeps for the session was lost).
    case online(address: Address, resumed: Bool)
    /// The connection is gone, or an attempt has failed; the session tries again after `retryIn` (`nil`: it has been stopped).
    case offline(SessionFailure, retryIn: Duration?)
    /// A message. The account calls ``InboundMessage/processed`` once it is safe to tell the server so.
    case message(InboundMessage)
    /// Presence of somebody.
    case presence(InboundPresence)
}

/// A message with the means to say that it is journalled.
public struct InboundMessage: Sendable {
    /// The message.
    public let message: Message
    /// Tells the session that the stanza is safe here, so that it may be counted (XEP-0198 § 4, R2, R12). Call it exactly once for
    /// every message, in any order; the count advances over the stanzas in their order of arrival.
    public let processed: @Sendable () -> Void

    /// Makes an inbound message.
    public init(_ message: Message, processed: @escaping @Sendable () -> Void) {
        self.message = message
        self.processed = processed
    }
}

/// Why a session is not online, in words that the operator can act on.
public struct SessionFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; more may come.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// A short, stable name for counters, logs and `status`.
        public let description: String
        private init(_ name: String) { description = name }
        /// The host name can't be resolved.
        public static let resolve = Code("resolve")
        /// No TCP connection could be made, or it was lost.
        public static let network = Code("network")
        /// TLS failed, or the certificate is not acceptable.
        public static let tls = Code("tls")
        /// The server refused name or password, or offers no mechanism that we accept.
        public static let login = Code("login")
        /// The server broke the protocol, or said that we did.
        public static let `protocol` = Code("protocol")
        /// Another client took our resource.
        public static let conflict = Code("conflict")
        /// The server is shutting down or asked us to come back later.
        public static let server = Code("server")
        /// We closed it.
        public static let stopped = Code("stopped")
    }
    /// What kind of failure it is.
    public let code: Code
    /// What happened, where, and what to do about it.
    public let message: String

    /// Makes a failure.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
