public import XML

extension ClientStream {
    /// How TLS comes onto the connection. There is no third way.
    public enum Security: Sendable {
        /// `<starttls/>` on the stream (RFC 6120 § 5); a server that doesn't offer it isn't used.
        case startTLS
        /// TLS from the first byte (XEP-0368); the owner reports ``Event/secured(_:)`` in place of ``Event/connected``.
        case directTLS
    }

    /// Who logs in, and how.
    public struct Configuration: Sendable {
        /// The account's bare JID.
        public var account: Address
        /// The account's password.
        public var password: Password
        /// How TLS comes onto the connection.
        public var security: Security
        /// Whether PLAIN may be used (inside TLS) when the server offers no SCRAM and none has ever worked.
        public var allowPlain: Bool
        /// The resource to ask for; `nil` lets the server choose.
        public var resource: String?
        /// What earlier logins have proved (R13).
        public var pins: LoginPins
        /// The session to resume: ``End/resumption`` of the last connection, or one made of a ``ResumptionRecord``.
        public var resumption: StreamManagement?
        /// Keys that were derived earlier; they are used if salt and rounds still agree, which spares PBKDF2 at every reconnect.
        public var keys: SCRAMKeys?
        /// Don't try channel binding without a list of types: ``End/unlistedBindingFailed`` of the last connection.
        public var skipUnlistedBinding: Bool
        /// How much may be unacknowledged before sending is refused.
        public var limits: StreamManagement.Limits
        /// Whether sessions are remembered for another process (R12): then ``Action/record(_:_:)`` comes, and no count is told to the server
        /// before it is on disk.
        public var recordsSessions: Bool

        /// Makes a configuration.
        public init(
            account: Address,
            password: Password,
            security: Security,
            allowPlain: Bool = false,
            resource: String? = nil,
            pins: LoginPins = LoginPins(),
            resumption: StreamManagement? = nil,
            keys: SCRAMKeys? = nil,
            skipUnlistedBinding: Bool = false,
            limits: StreamManagement.Limits = StreamManagement.Limits(),
            recordsSessions: Bool = false
        ) {
            self.account = account
            self.password = password
            self.security = security
            self.allowPlain = allowPlain
            self.resource = resource
            self.pins = pins
            self.resumption = resumption
            self.keys = keys
            self.skipUnlistedBinding = skipUnlistedBinding
            self.limits = limits
            self.recordsSessions = recordsSessions
        }
    }

    /// What the owner of the connection reports.
    public enum Event: Sendable {
        /// The TCP connection is up (``Security/startTLS``).
        case connected
        /// TLS is up and the certificate belongs to the account's domain; with the channel bindings that could be computed.
        case secured([ChannelBinding])
        /// The parser saw the stream's start tag, as an element without content.
        case opened(Element)
        /// The parser completed a first-level child of the stream.
        case element(Element)
        /// The parser saw the stream's end tag.
        case closed
        /// The parser refused what came: the stream error's condition for it, and what was wrong, in words for the operator.
        case unparsable(condition: String, reason: String)
        /// The connection is gone; with the reason, if the transport gave one.
        case disconnected(reason: String?)
        /// The time for logging in, for closing, or for an answer to `<r/>` or a ping has run out.
        case timedOut
        /// The answer to ``Action/derive(_:)``.
        case derived(SCRAMKeys)
        /// Send a stanza. With a token its fate is told by ``Action/acknowledged(_:)`` or ``Action/refused(_:_:)``.
        case send(Element, token: StreamManagement.Token?)
        /// An inbound stanza is safe here and may be counted; with `recorded`, the session's record with its count is on disk, too.
        case handled(StreamManagement.Ticket, recorded: Bool = false)
        /// The answer to ``Action/record(_:_:)``: whether it is on disk.
        case recorded(StreamManagement.Mark, Bool)
        /// Find out whether the server is still there: `<r/>` goes out if stream management is on.
        case checkLink
        /// End the session: the stream is closed in order, and can't be resumed.
        case close

        /// What a parser has seen.
        public init(_ event: StreamParser.Event) {
            switch event {
            case .opened(let header): self = .opened(header)
            case .stanza(let element): self = .element(element)
            case .closed: self = .closed
            }
        }

        /// What a parser has refused.
        public static func unparsable(_ error: ParseError) -> Event {
            .unparsable(condition: error.streamErrorCondition, reason: error.description)
        }
    }

    /// What the owner of the connection has to do.
    public enum Action: Sendable {
        /// Write this text.
        case write(String)
        /// Drop the parser, refuse the connection if bytes beyond `<proceed/>` have been read, put TLS in front, report
        /// ``Event/secured(_:)``. What arrives outside of TLS from now on must not be parsed.
        case startTLS
        /// Feed what comes from now on to a new parser.
        case restartParser
        /// Call ``SCRAMKeyRequest/derive()`` on a thread that may block, and report ``Event/derived(_:)``.
        case derive(SCRAMKeyRequest)
        /// Store these pins: the login that proved them has succeeded.
        case pin(LoginPins)
        /// Something that the operator should know of, though the login goes on.
        case warn(String)
        /// The session is new: presence, roster and subscriptions are to be sent.
        case online(Bound)
        /// The earlier session goes on; what was unacknowledged is being sent again by the writes that follow.
        case resumed(Bound)
        /// A stanza arrived. With a ticket it has to be confirmed by ``Event/handled(_:)``.
        case stanza(Element, StreamManagement.Ticket?)
        /// The server has acknowledged these stanzas.
        case acknowledged([StreamManagement.Token])
        /// The server answered `<r/>` or sent `<a/>`: it is still there.
        case linkAlive
        /// Store this, so that another process can resume the session, and report ``Event/recorded(_:_:)``. One comes at a time.
        case record(ResumptionRecord, StreamManagement.Mark)
        /// This stanza was not written.
        case refused(StreamManagement.Token, SessionError)
        /// The stream is over; nothing follows but ``closeTransport``. Comes exactly once.
        case ended(End)
        /// Close the connection once what was written is out.
        case closeTransport
    }

    /// A session that may send and receive.
    public struct Bound: Sendable {
        /// The session's full JID.
        public let address: Address
        /// The stream features after login.
        public let features: Element
        /// What the server says about its limits (XEP-0478).
        public let limits: StreamLimits
        /// What has to be remembered so that another process can resume the session; `nil` if it can't be resumed.
        public let resumption: ResumptionRecord?
        /// Whether the server acknowledges stanzas (XEP-0198). If not, nothing comes by ``Action/acknowledged(_:)``.
        public let acknowledges: Bool
        /// What the earlier session had sent without an acknowledgement and won't send again, because it could not be resumed.
        public let lost: [StreamManagement.Outstanding]
    }

    /// How a stream ended.
    public struct End: Sendable {
        /// Why, in words for the operator.
        public let failure: SessionFailure
        /// The stream error that came or was sent, if any.
        public let error: StreamError?
        /// Where the server wants us to go instead (`see-other-host`); TLS there is still checked for the account's domain.
        public let redirect: String?
        /// The session, if it may be resumed by the next connection.
        public let resumption: StreamManagement?
        /// What was not acknowledged, if the session can't be resumed.
        public let lost: [StreamManagement.Outstanding]
        /// A channel binding that the server hadn't listed was refused: the next connection should log in without (R13).
        public let unlistedBindingFailed: Bool
    }
}
