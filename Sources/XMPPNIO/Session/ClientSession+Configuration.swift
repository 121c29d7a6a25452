import XML
public import XMPP

extension ClientSession {
    /// Who logs in, where, and on what conditions.
    public struct Configuration: Sendable {
        /// How TLS may come onto the connection.
        public enum Security: Hashable, Sendable {
            /// Either way: SRV records decide (XEP-0368); without any, STARTTLS.
            case automatic
            /// STARTTLS only.
            case startTLS
            /// TLS from the first byte only.
            case directTLS
        }

        /// The account. With a resourcepart, that resource is asked for; without, the server chooses one.
        public var address: Address
        /// The account's password.
        public var password: Password
        /// Fetches the password anew before the attempt that follows a refused login; `nil` keeps the one that was given.
        public var renewPassword: (@Sendable () async throws -> Password)?
        /// Whom to connect to instead of what DNS says: a host name or an IP address.
        public var host: String?
        /// The port at ``host``, or at the domain if no host is given; with either of them SRV records are not looked up.
        public var port: Int?
        /// How TLS may come onto the connection.
        public var security: Security
        /// Whose word about certificates is taken. They are checked for the account's domain, never for ``host`` (R13).
        public var roots: TLSRoots
        /// Takes any certificate of anybody: whoever is in between reads and changes everything but what OpenPGP protects, and
        /// with PLAIN gets the password. Each connection warns about it.
        public var insecureSkipVerify: Bool
        /// Whether PLAIN may be used inside TLS when the server has no SCRAM.
        public var allowPlain: Bool
        /// How long a server may be silent before it is asked whether it is still there.
        public var keepalive: Duration
        /// How long its answer may take; then the connection counts as dead.
        public var keepaliveAnswer: Duration
        /// The time for one TCP connection.
        public var connectLimit: Duration
        /// The time from the TCP connection to the bound resource.
        public var loginLimit: Duration
        /// How long ``ClientSession/send(_:until:)`` waits for an acknowledgement, a reconnect included.
        public var acknowledgementLimit: Duration
        /// How many messages may have been handed to the account without being journalled, and presences without being looked at,
        /// before reading stops; it goes on at half of that. Journalling a message must not wait for what comes after it.
        public var backlog: Int
        /// The largest stanza that is read, in bytes; a server that sends a larger one is left. Servers pass on 256 to 512 KiB unless they
        /// are told otherwise; attachments by a gateway may need more.
        public var maxStanzaBytes: Int
        /// The limit for what we send that an earlier session has learnt, in bytes (R11): ``Session/sizeLimit`` of the source `.learnt`.
        public var learntLimit: Int?

        /// Makes a configuration; what isn't given is as usual.
        public init(address: Address, password: Password) {
            self.address = address
            self.password = password
            renewPassword = nil
            host = nil
            port = nil
            security = .automatic
            roots = .system
            insecureSkipVerify = false
            allowPlain = false
            keepalive = .seconds(90)
            keepaliveAnswer = .seconds(30)
            connectLimit = .seconds(10)
            loginLimit = .seconds(30)
            acknowledgementLimit = .seconds(120)
            backlog = 64
            maxStanzaBytes = ParserLimits.stream.stanzaBytes
            learntLimit = nil
        }
    }
}
