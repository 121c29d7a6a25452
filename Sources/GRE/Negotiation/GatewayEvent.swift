public import XMPP

/// Something about a gateway that an operator or an admin should hear of.
public struct GatewayEvent: Hashable, Sendable, CustomStringConvertible {
    /// What has happened; more may come.
    public struct Kind: Hashable, Sendable, CustomStringConvertible {
        /// A short, stable name for counters and logs.
        public let description: String
        private init(_ name: String) { description = name }
        /// It no longer says that it takes only encrypted messages: sending to it has stopped.
        public static let policyChanged = Kind("gateway-policy-changed")
        /// It says that we are somebody else: sending to it has stopped.
        public static let senderChanged = Kind("gateway-sender-changed")
        /// It isn't what it should be: no gateway, nothing that we could use, no data.
        public static let unusable = Kind("gateway-unusable")
    }
    /// What has happened.
    public let kind: Kind
    /// The gateway's domain.
    public let gateway: Address
    /// What has happened and what can be done, in a sentence or two.
    public let message: String

    /// Makes an event.
    public init(_ kind: Kind, gateway: Address, message: String) {
        self.kind = kind
        self.gateway = gateway
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
