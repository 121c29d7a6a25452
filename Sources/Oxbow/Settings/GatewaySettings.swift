public import OpenPGP
public import XMPP
public import YAMLConfiguration

/// What `config.yaml` says about one gateway of an account (GRE).
public struct GatewaySettings: Sendable {
    /// The gateway's address: a domain.
    public var jid: Address
    /// What to fill in when the account registers with it (XEP-0077), by the names of its form's fields, by reference; `nil` for a gateway that
    /// the account doesn't register with.
    public var registration: [String: Secret]?
    /// Keys of people behind it that the configuration names, by their address at the gateway.
    public var keys: [Address: Set<Fingerprint>]
    /// Whose signatures may make handlers act (R20).
    public var commandsFrom: CommandsFrom
    /// Whether the Web Key Directories of mail domains are asked for the keys of people behind it (R20's third source). Without it, what the
    /// gateway says about keys is compared with nothing; with it, a person's mail provider learns our IP address and whom it is that we write to
    /// or have got mail from.
    public var webKeyDirectory: Bool
    /// Where the section stands, for messages: position and key path.
    var place: (position: Position, path: String)

    /// Whose signatures may make handlers act (R20).
    public enum CommandsFrom: String, Sendable, CaseIterable {
        /// Those of keys that the configuration, the operator or a Web Key Directory vouches for.
        case verified
        /// Those of keys that only the gateway or a mail itself vouches for, too: the gateway's operator can then speak for anybody behind it.
        case gatewayVouched = "gateway-vouched"
    }
}
