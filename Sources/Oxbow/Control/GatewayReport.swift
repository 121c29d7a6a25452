/// What is asked about gateways: `oxbow gateways`.
public struct GatewayRequest: Hashable, Sendable, Codable {
    /// What is asked.
    public enum Action: String, Sendable, Codable {
        /// The configured gateways, asked now what they offer.
        case list
        /// Goes on with a gateway whatever it was before: what it says now counts.
        case accept
        /// What a gateway wants to know when an account registers.
        case fields
        /// The gateways that a server lists.
        case discover
    }
    /// What is asked.
    public var action: Action
    /// The account (bare JID).
    public var account: String
    /// The gateway, or for ``Action/discover`` the server: a domain.
    public var domain: String?

    /// Makes a request.
    public init(_ action: Action, account: String, domain: String? = nil) {
        self.action = action
        self.account = account
        self.domain = domain
    }
}

/// What is known about gateways.
public struct GatewayReport: Hashable, Sendable, Codable {
    /// The gateways, configured or found.
    public var gateways: [Item]
    /// The fields of a gateway's form, for ``GatewayRequest/Action/fields``.
    public var fields: [Field]

    /// Makes a report.
    public init(_ gateways: [Item] = [], fields: [Field] = []) {
        self.gateways = gateways
        self.fields = fields
    }

    /// One gateway.
    public struct Item: Hashable, Sendable, Codable {
        /// Its domain.
        public var jid: String
        /// What it calls itself.
        public var name: String?
        /// The formatters that it offers, by namespace; `nil` if it wasn't asked or doesn't answer.
        public var formatters: [String]?
        /// The encrypters that it offers.
        public var encrypters: [String]?
        /// What goes through it: formatter and encrypter that both have.
        public var agreed: [String]?
        /// Whether it says that it takes only encrypted messages.
        public var encryptedOnly: Bool?
        /// Who it says that the account is on the other network.
        public var senderID: String?
        /// `registered`, `not configured`, `not tried`, or why it failed.
        public var registration: String?
        /// What keeps it from being used, and what to do about it.
        public var problem: String?

        /// Makes an item.
        public init(jid: String, name: String? = nil) {
            self.jid = jid
            self.name = name
        }
    }

    /// A field of a registration form.
    public struct Field: Hashable, Sendable, Codable {
        /// Its name, which stands under `register` in the configuration.
        public var name: String
        /// What it means, in the gateway's words.
        public var label: String?
        /// Whether it must be filled in.
        public var isRequired: Bool
        /// What may stand in it, if that is a choice.
        public var options: [String]

        /// Makes a field.
        public init(name: String, label: String?, isRequired: Bool, options: [String]) {
            self.name = name
            self.label = label
            self.isRequired = isRequired
            self.options = options
        }
    }
}
