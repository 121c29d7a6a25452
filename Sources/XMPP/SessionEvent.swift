/// What a session tells its account, in order.
public enum SessionEvent: Sendable {
    /// The stream is bound (or resumed: nothing that the server keeps for the session was lost). A session that was taken over from an
    /// earlier process counts as new, since its account has yet to learn its contacts (R12).
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
    /// The way by which a message came.
    public enum Origin: Hashable, Sendable {
        /// As it was sent.
        case live
        /// Live, but with a stamp that claims an earlier time: offline storage, or the sender's invention (R1). In seconds since 1970;
        /// the earliest if there are several.
        case delayed(stamp: Int64)
        /// Out of the account's own archive, for ``Session/catchUp(from:pageSize:)``, with the archive's id and stamp.
        case archive(id: String, stamp: Int64)
    }

    /// The message.
    public let message: Message
    /// The way by which it came.
    public let origin: Origin
    /// The message's id in the account's own archive, if it is known: of live messages by XEP-0359, where only the stamp of the account's
    /// own server counts. A server without an archive may let a sender's invention pass: it is good for a place to go on from, and for
    /// nothing else.
    public let archiveID: String?
    /// What is to be remembered of the session once this message **and all that came before it** are safe (R12): store it in the same
    /// transaction, then call ``recorded``. Of a batch only the last one's counts. `nil` if the session can't be resumed, or if nobody
    /// remembers sessions.
    public let resumption: ResumptionRecord?
    /// Tells the session that the stanza is safe here, so that it may be counted (XEP-0198 § 4, R2, R12). Call it (or ``recorded``)
    /// exactly once for every message, in any order; the count advances over the stanzas in their order of arrival.
    public let processed: @Sendable () -> Void
    /// ``processed``, where ``resumption`` is on disk, too: spares the session to store it by itself.
    public let recorded: @Sendable () -> Void
    /// Tells the session, in place of ``processed``, that the message could not be stored. It isn't counted; the session drops its
    /// connection and comes back after a pause, whereupon the server sends again all that isn't counted (XEP-0198 § 5). Without this, the
    /// message would come again only when the connection is lost for another reason, and count as waiting for ever.
    public let lost: @Sendable () -> Void

    /// Makes an inbound message.
    public init(
        _ message: Message,
        origin: Origin = .live,
        archiveID: String? = nil,
        resumption: ResumptionRecord? = nil,
        recorded: (@Sendable () -> Void)? = nil,
        lost: (@Sendable () -> Void)? = nil,
        processed: @escaping @Sendable () -> Void
    ) {
        self.message = message
        self.origin = origin
        self.archiveID = archiveID
        self.resumption = resumption
        self.processed = processed
        self.recorded = recorded ?? processed
        self.lost = lost ?? {}
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
        /// The server ended the stream with `policy-violation`: one of the stanzas that it had not acknowledged may be too big (R11).
        public static let policy = Code("policy")
        /// What came could not be stored here (disk full, read-only); it comes again with the next connection.
        public static let store = Code("store")
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
