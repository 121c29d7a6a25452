public import OpenPGP
public import XMPP

/// A gateway that an account accepts, as the operator has configured it. Nothing that a gateway says about itself makes it one (S19).
public struct AcceptedGateway: Hashable, Sendable {
    /// Which keys of people behind the gateway are used (R20).
    public enum Trust: String, Sendable, CaseIterable {
        /// The keys first seen for an address; what comes later, or differs between sources, is held until the operator speaks.
        case tofu
        /// Only the fingerprints in the configuration.
        case pinned
        /// Whatever the sources say, at any time. For demonstrations.
        case blind
    }

    /// The gateway's domain.
    public let domain: Address
    /// Which keys are used for addresses that ``keys`` doesn't name.
    public var trust: Trust
    /// Keys that the configuration names, by the JIDs of the people behind the gateway (``LegacyAddress/jid``): for these people no other
    /// key counts.
    public var keys: [Address: Set<Fingerprint>]
    /// Whether a key that only this gateway or an Autocrypt field vouches for may make handlers act
    /// (`commands_from: gateway-vouched`, R20).
    public var commandsFromVouched: Bool
    /// Whether content that nobody signed is opened at all, marked as unverified (`unsigned: accept`, S19). Handlers have a say of their own.
    public var acceptsUnsigned: Bool

    /// Describes a gateway.
    ///
    /// - Parameter domain: Its address; only the domainpart is used.
    public init(
        domain: Address,
        trust: Trust = .tofu,
        keys: [Address: Set<Fingerprint>] = [:],
        commandsFromVouched: Bool = false,
        acceptsUnsigned: Bool = false
    ) {
        self.domain = domain.domainAddress
        self.trust = trust
        self.keys = keys
        self.commandsFromVouched = commandsFromVouched
        self.acceptsUnsigned = acceptsUnsigned
    }
}
