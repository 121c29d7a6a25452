public import OX
public import OpenPGP
public import XMPP
public import YAMLConfiguration

/// What `config.yaml` says about one account.
public struct AccountSettings: Sendable {
    /// The account's bare JID.
    public var jid: Address
    /// Its password, by reference.
    public var password: Secret
    /// The resource to bind; `nil` lets the server choose.
    public var resource: String?
    /// How to reach its server.
    public var connect: ConnectSettings
    /// Whether PLAIN inside TLS is allowed when the server offers no SCRAM (R13).
    public var allowPlain: Bool
    /// Its GnuPG home.
    public var keyring: KeyringSettings
    /// Which keys of its peers it trusts.
    public var trust: Trust
    /// Keys that the configuration names, by bare JID: the only ones under `pinned`, trusted beside those first seen under `tofu`.
    public var keys: [Address: Set<Fingerprint>]
    /// Who hears of trouble.
    public var admins: [Address]
    /// Whom it sends to unasked; it asks for their presence (R15).
    public var recipients: [Address]
    /// Whether it asks for presence at all (R15).
    public var subscribe: Bool
    /// How old a message may be that a delay explains (R1).
    public var maxAge: Duration
    /// After how long its admins hear that messages wait, or that it is down.
    public var stuckAfter: Duration
    /// The largest stanza that its server takes, in bytes, where the server itself doesn't say (R11); `nil` if nobody says.
    public var maxStanza: Int?
    /// The gateways that it uses.
    public var gateways: [GatewaySettings]
    /// The names of its bots.
    public var bots: [String]
    /// The name and place of each bot in the file, for messages.
    var botPlaces: [(name: String, position: Position, path: String)]
    /// Where the section stands, for messages: position and key path.
    var place: (position: Position, path: String)
    /// What the section says, for comparison with what it said before.
    var image: SectionImage

    /// Which of a peer's announced keys are trusted.
    public enum Trust: String, Sendable, CaseIterable {
        /// Those first seen; later ones are held.
        case tofu
        /// Those that ``AccountSettings/keys`` names.
        case pinned
        /// Whatever the server says.
        case blind
    }

    /// How to reach the account's server.
    public struct ConnectSettings: Hashable, Sendable {
        /// The host, instead of what DNS says. The certificate is checked for the JID's domain all the same (R13).
        public var host: String?
        /// The port; `nil` without a host.
        public var port: Int?
        /// When TLS begins; `nil` takes what SRV records offer.
        public var tls: TLS?
        /// A file of PEM certificates that is trusted instead of the system's roots. Absolute.
        public var ca: String?
        /// Whether any certificate is taken. Loud.
        public var insecureSkipVerify: Bool

        /// When TLS begins.
        public enum TLS: String, Sendable, CaseIterable {
            /// After `<starttls/>` (RFC 6120 § 5).
            case starttls
            /// At once (XEP-0368).
            case direct
        }
    }

    /// The account's GnuPG home.
    public struct KeyringSettings: Sendable {
        /// The home directory; made, with a key, on first start. Absolute.
        public var home: String
        /// The passphrase of the secret key; `nil` for a key without one.
        public var passphrase: Secret?
    }

    /// The policy for ``OX``. Under `tofu`, ``keys`` are pins with source `configuration` besides.
    public var policy: TrustPolicy {
        switch trust {
        case .tofu: .tofu
        case .pinned: .pinned(keys)
        case .blind: .blind
        }
    }

    /// An error about the account's section as a whole.
    public func error(_ message: String, hint: String? = nil) -> ConfigurationError {
        ConfigurationError(at: place.position, path: place.path, message, hint: hint)
    }
}
