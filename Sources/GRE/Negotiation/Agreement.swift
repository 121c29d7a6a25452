public import OX
public import XMPP

/// What an account and a gateway have in common: the formatter and the encrypter that messages go through.
public struct Agreement: Sendable {
    /// The gateway's domain.
    public let gateway: Address
    /// What the gateway offers.
    public let offer: GatewayOffer
    /// The formatter, in the highest version that both have.
    public let formatter: any GatewayFormatter
    /// The encrypter, in the highest version that both have.
    public let encrypter: any GatewayEncrypter

    /// Chooses.
    ///
    /// - Throws: ``OX/SealError`` `gateway-unsupported` that lists what the gateway offers, if there is no formatter or no encrypter that both
    ///   have.
    public init(
        gateway: Address,
        offer: GatewayOffer,
        formatters: FormatterRegistry,
        encrypters: EncrypterRegistry
    ) throws(SealError) {
        guard let formatter = formatters.choice(among: offer.formatters), let encrypter = encrypters.choice(among: offer.encrypters) else {
            throw SealError(
                .unsupportedKinds,
                "the gateway \(gateway) offers nothing that this program can do. It offers \(offer.words). "
                    + "We have \((formatters.namespaces + encrypters.namespaces).joined(separator: ", "))"
            )
        }
        self.gateway = gateway
        self.offer = offer
        self.formatter = formatter.kind
        self.encrypter = encrypter.kind
    }

    /// Whether data must be fetched again for each message, because one of the two says so (GRE § Business Rules).
    public var needsFreshData: Bool { formatter.needsFreshData || encrypter.needsFreshData }
}
