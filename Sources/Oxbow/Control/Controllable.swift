public import XMPP

/// What a running Oxbow can be asked to do by `oxbow status`, `send` and `keys`: the process's runtime implements it, and so does
/// ``ControlClient``, which asks a daemon over its control socket.
///
/// Addresses are bare JIDs. Everything throws ``ControlError``.
public protocol Controllable: Sendable {
    /// What runs, since when, and what was counted.
    func status() async throws -> StatusReport

    /// Sends a text to each recipient, signcrypted for each alone (R8).
    ///
    /// Returns when every recipient has its outcome or the request's time is over; what can be withdrawn then is (R14).
    func send(_ request: SendRequest) async throws -> SendReport

    /// Looks at what is in the outboxes, tries a message again, or takes one back.
    func outbox(_ request: OutboxRequest) async throws -> OutboxReport

    /// Checks the store, or writes a copy of it.
    func store(_ request: StoreRequest) async throws -> StoreReport

    /// The keys that an account knows: of one peer, or of all (`nil`); the account's own key is always the first.
    func keys(account: Address, peer: Address?) async throws -> KeyReport

    /// Trusts a key of a peer: what was held or refused, or a key that was never seen, which is fetched. `nil` means all that the peer
    /// announces now.
    func trust(account: Address, peer: Address, fingerprint: String?) async throws -> KeyReport

    /// Refuses a key of a peer; `nil` means all of them.
    func untrust(account: Address, peer: Address, fingerprint: String?) async throws -> KeyReport

    /// A certificate, ASCII-armored: of a peer's key, or of the account's own (`nil`).
    func exportKey(account: Address, peer: Address?, fingerprint: String?) async throws -> String

    /// The account's own certificate as people on a mail network get it, ASCII-armored: with the one User ID that a gateway has given it, and
    /// no other (R16, R23).
    ///
    /// - Parameter via: The gateway; `nil` if only one is known.
    func exportMailKey(account: Address, via: Address?) async throws -> String

    /// Looks at an account's gateways, or goes on with one that has changed.
    func gateways(_ request: GatewayRequest) async throws -> GatewayReport

    /// Imports a peer's certificate (armored or binary) after the checks of S11, and trusts it.
    func importKey(account: Address, peer: Address, material: [UInt8]) async throws -> KeyReport
}

extension Controllable {
    /// Fails: whoever has no store can't look after it.
    public func store(_ request: StoreRequest) async throws -> StoreReport { throw ControlError(.failed, "there is no store here") }
}

/// Why something could not be done; `message` is for the operator.
public struct ControlError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    /// What kind of failure it is; more may come. Its exit code is the command's.
    public struct Code: Hashable, Sendable, Codable, CustomStringConvertible {
        /// A short, stable name, which also stands in the protocol.
        public let description: String
        private init(_ name: String) { description = name }
        /// It was tried and failed.
        public static let failed = Code("failed")
        /// The request makes no sense: unknown account, no recipient, bad fingerprint.
        public static let usage = Code("usage")
        /// What the request names isn't there, and everything was looked through.
        public static let unknown = Code("unknown")
        /// Something in the configuration keeps it from being done.
        public static let configuration = Code("configuration")
        /// There is no usable key for the recipient.
        public static let noKey = Code("no-key")
        /// No connection, or no login.
        public static let offline = Code("offline")
        /// Nobody answers at the control socket.
        public static let absent = Code("absent")
        /// The two processes don't speak the same version.
        public static let version = Code("version")

        /// Reads a name; an unknown one is kept, and exits like ``failed``.
        public init(from decoder: any Decoder) throws {
            description = try decoder.singleValueContainer().decode(String.self)
        }
        /// Writes the name.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(description)
        }
    }
    /// What kind of failure it is.
    public var code: Code
    /// What happened, and what to do about it.
    public var message: String

    /// Makes an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
