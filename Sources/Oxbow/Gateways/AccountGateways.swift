import GRE
import OX
import OpenPGP
import XMPP

/// What an account needs for its gateways: what it knows of them, and who seals and opens what goes through them (GRE).
struct AccountGateways: Sendable {
    /// The gateways that the configuration names.
    let accepted: [AcceptedGateway]
    /// What they say, and whether they are still what they were.
    let directory: GatewayDirectory
    let sealer: GatewaySealer
    let opener: GatewayOpener
    /// What the directory has to say to people.
    let events: AsyncStream<GatewayEvent>

    /// What accounts can format.
    static let formatters = FormatterRegistry([MIMEFormatter()])

    /// The gateways of an account's settings; no handler of the account takes what nobody has signed unless `acceptsUnsigned`.
    static func accepted(_ settings: AccountSettings, acceptsUnsigned: Bool) -> [AcceptedGateway] {
        settings.gateways.map { gateway in
            AcceptedGateway(
                domain: gateway.jid,
                trust: AcceptedGateway.Trust(rawValue: settings.trust.rawValue) ?? .pinned,
                keys: settings.keys.filter { $0.key.domainAddress == gateway.jid },
                commandsFromVouched: gateway.commandsFrom == .gatewayVouched,
                acceptsUnsigned: acceptsUnsigned
            )
        }
    }

    init(
        _ accepted: [AcceptedGateway],
        engine: any OpenPGPEngine,
        keys: KeyDirectory,
        age: AgeCheck,
        session: any Session,
        house: House
    ) {
        self.accepted = accepted
        let (events, tell) = AsyncStream<GatewayEvent>.makeStream(bufferingPolicy: .bufferingNewest(256))
        self.events = events
        directory = GatewayDirectory(
            account: keys.account,
            gateways: accepted,
            session: session,
            memory: house.memories.policies,
            formatters: Self.formatters,
            encrypters: EncrypterRegistry([OpenPGPEncrypter(engine: engine, directory: keys)]),
            clock: house.now,
            events: { tell.yield($0) }
        )
        sealer = GatewaySealer(directory: directory, session: session, clock: house.now)
        opener = GatewayOpener(directory: directory, keys: keys, age: age)
    }

    /// Whether an address is a gateway of the account, or behind one.
    func covers(_ address: Address) -> Bool { accepted.contains { $0.domain == address.domainAddress } }
}

extension GatewaySealer: MessageSealing {}
