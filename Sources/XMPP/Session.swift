public import XML

/// How far a stanza has to get before a call to ``Session/send(_:until:)`` returns.
public enum HandOver: Sendable {
    /// It is in the stream's queue; a cut can still lose it (XEP-0198 resumption resends it).
    case written
    /// The account's own server has acknowledged it (XEP-0198 § 4; without stream management: an IQ sent behind it was answered).
    case acknowledged
}

/// A logged-in account as protocol code sees it: requests and stanzas, never a socket.
///
/// There is no way to send a payload in the clear through it: see ``OutboundStanza``.
public protocol Session: Sendable {
    /// The account's bare JID.
    var account: Address { get }

    /// Sends an IQ of type get or set and waits for its answer.
    ///
    /// - Returns: The result's payload, or `nil` for an empty result.
    /// - Throws: ``StanzaError`` that came back, or ``SessionError`` (`.offline`, `.timedOut`).
    func request(_ request: Request, timeout: Duration) async throws -> Element?

    /// Hands a stanza to the account's server.
    ///
    /// - Throws: ``SessionError`` (`.offline`, `.timedOut`, `.tooBig`).
    func send(_ stanza: OutboundStanza, until: HandOver) async throws

    /// Counts the sessions with the account's server: another one has begun when it changes, and what was handed over before and not
    /// acknowledged is lost. A cut that the session survives (XEP-0198 § 5) doesn't change it.
    var sessionNumber: UInt64 { get async }

    /// Hands a stanza over without waiting for its acknowledgement.
    ///
    /// When it returns, the stanza has its place: the server gets stanzas in the order of these calls, also across a cut that the session
    /// survives. Any number may be under way; the caller bounds them.
    /// - Parameters:
    ///   - number: The ``sessionNumber`` that the caller knows of. In a later session the stanza would overtake what was lost with that one.
    ///   - outcome: Called once unless this throws, possibly before it returns: the server has acknowledged the stanza, or why it never
    ///     will (``SessionError``; `.offline` if the session is over).
    /// - Throws: ``SessionError``: the stanza has not been handed over, and never will be (`.tooBig`), or that session isn't on the line
    ///   now (`.offline`).
    func handOver(
        _ stanza: OutboundStanza,
        in number: UInt64,
        outcome: @escaping @Sendable (Result<Void, any Error>) -> Void
    ) async throws

    /// The largest stanza that the account's server takes, as far as that is known, online or not (R11). What is larger fails with
    /// ``SessionError`` `.tooBig` before anything is written; ``OutboundStanza/byteCount`` tells a stanza's size.
    var sizeLimit: SizeLimit? { get async }

    /// Asks the account's archive for what came while nobody was online (XEP-0313).
    ///
    /// The results come as events, ``SessionEvent/message(_:)`` with the origin ``InboundMessage/Origin/archive(id:stamp:)``, in order
    /// with what arrives live. What the account itself has sent isn't among them. A message may come more than once: also live, or
    /// offline. It returns once all of them have been ``InboundMessage/processed`` (or ``InboundMessage/recorded``): so it can't be awaited
    /// where the events are taken.
    /// - Parameters:
    ///   - position: From where.
    ///   - pageSize: How many messages are asked for at a time.
    /// - Returns: The newest archive id that was seen, and whether the archive was read to its end.
    /// - Throws: ``StanzaError`` (`service-unavailable` or `feature-not-implemented` where there is no archive), ``SessionError``.
    func catchUp(from position: ArchivePosition, pageSize: Int) async throws -> ArchiveOutcome
}

extension Session {
    /// There is one only.
    public var sessionNumber: UInt64 { get async { 0 } }

    /// Sends and waits for the acknowledgement: one at a time.
    public func handOver(
        _ stanza: OutboundStanza,
        in number: UInt64,
        outcome: @escaping @Sendable (Result<Void, any Error>) -> Void
    ) async throws {
        try await send(stanza, until: .acknowledged)
        outcome(.success(()))
    }

    /// Unknown.
    public var sizeLimit: SizeLimit? { get async { nil } }

    /// There is no archive.
    public func catchUp(from position: ArchivePosition, pageSize: Int) async throws -> ArchiveOutcome {
        throw StanzaError("service-unavailable", .cancel)
    }

    /// ``catchUp(from:pageSize:)`` with 50 messages at a time.
    public func catchUp(from position: ArchivePosition) async throws -> ArchiveOutcome {
        try await catchUp(from: position, pageSize: 50)
    }
}

extension Session {
    /// ``request(_:timeout:)`` with the usual limit of 30 seconds.
    public func request(_ request: Request) async throws -> Element? {
        try await self.request(request, timeout: .seconds(30))
    }
}

/// An IQ of type get or set; id and answer are the session's business.
public struct Request: Sendable {
    /// Whether something is asked for or changed.
    public enum Kind: String, Sendable {
        case get
        case set
    }
    /// Whether something is asked for or changed.
    public var kind: Kind
    /// The addressee; `nil` is the account itself.
    public var to: Address?
    /// The one child of the IQ.
    public var payload: Element

    /// Makes a request.
    public init(_ kind: Kind, to: Address? = nil, _ payload: Element) {
        self.kind = kind
        self.to = to
        self.payload = payload
    }
}

/// Why a session could not do what it was asked.
public struct SessionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; more may come.
    public struct Code: Hashable, Sendable {
        private enum Known: Hashable { case offline, timedOut, tooBig, policy }
        private let known: Known
        /// The account is not connected, or the connection was lost before the answer.
        public static let offline = Code(known: .offline)
        /// No answer within the time given.
        public static let timedOut = Code(known: .timedOut)
        /// The stanza is larger than the server takes (XEP-0478, or learnt from its error).
        public static let tooBig = Code(known: .tooBig)
        /// The server has ended the stream each time that the stanza was sent, and its size is no reason for that.
        public static let policy = Code(known: .policy)
    }
    /// What kind of failure it is.
    public let code: Code
    /// What happened, and what to do about it.
    public let message: String

    /// Makes an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
