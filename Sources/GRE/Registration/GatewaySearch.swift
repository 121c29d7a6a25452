public import XMPP

/// The gateways that a server lists (XEP-0100 § 4.1, XEP-0030 § 4).
public struct GatewaySearch: Sendable {
    /// One gateway.
    public struct Found: Hashable, Sendable {
        /// Its address.
        public var address: Address
        /// What it calls itself, or the server does; cleaned and cut.
        public var name: String?
        /// The networks that it leads to: the types of its identities, such as `smtp`.
        public var networks: [String]
        /// What it offers of relayed encryption; `nil` if nothing.
        public var offer: GatewayOffer?
    }

    /// The most items that are asked.
    public static let mostItems = 50
    private let session: any Session
    private let timeout: Duration

    /// Searches over a session; each request may take the time given.
    public init(session: any Session, timeout: Duration = .seconds(10)) {
        self.session = session
        self.timeout = timeout
    }

    /// Asks a server what is found at it, and each of its items what it is. Items that don't answer are left out.
    ///
    /// - Throws: ``XMPP/StanzaError``, ``XMPP/SessionError`` if the server itself doesn't answer.
    public func gateways(at server: Address) async throws -> [Found] {
        let answer = try await session.request(DiscoItems.request(to: server.domainAddress), timeout: timeout)
        let items = answer.flatMap { DiscoItems($0) }?.items ?? []
        let asked = items.filter { $0.node == nil && $0.address.local == nil }.prefix(Self.mostItems)
        return await withTaskGroup(of: (Int, Found?).self) { group in
            for (index, item) in asked.enumerated() { group.addTask { (index, await look(at: item)) } }
            var found: [(Int, Found)] = []
            for await (index, gateway) in group {
                if let gateway { found.append((index, gateway)) }
            }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func look(at item: DiscoItems.Item) async -> Found? {
        guard let answer = try? await session.request(DiscoInfo.request(to: item.address), timeout: timeout),
            let info = DiscoInfo(answer)
        else { return nil }
        let identities = XMPP.Gateway.identities(in: info)
        guard !identities.isEmpty else { return nil }
        let name = identities.compactMap(\.name).first ?? item.name
        return Found(
            address: item.address,
            name: name.map { XMLText.cleaned(String($0.prefix(120))) },
            networks: identities.map { XMLText.cleaned(String($0.type.prefix(40))) },
            offer: GatewayOffer(domain: info)
        )
    }
}
