public import GRE
public import XMPP

/// What is known about gateways, forgotten at the end of the process; otherwise it behaves as OxbowSQLite's.
public actor MemoryPolicies: PolicyMemory {
    private struct Place: Hashable {
        var account: Address
        var other: Address
    }
    private var records: [Place: GatewayRecord] = [:]
    private var introduced: Set<Place> = []

    /// Makes an empty memory.
    public init() {}

    /// What is known about a gateway; `nil` if nothing.
    public func gatewayRecord(account: Address, gateway: Address) -> GatewayRecord? {
        records[Place(account: account.bare, other: gateway.domainAddress)]
    }

    /// Replaces what is known about a gateway; `nil` forgets it.
    public func setGatewayRecord(_ record: GatewayRecord?, account: Address, gateway: Address) {
        records[Place(account: account.bare, other: gateway.domainAddress)] = record
    }

    /// Whether somebody behind a gateway has been sent the account's key as a file (R23).
    public func isIntroduced(account: Address, peer: Address) -> Bool {
        introduced.contains(Place(account: account.bare, other: peer.bare))
    }

    /// Remembers that somebody has been sent the account's key.
    public func setIntroduced(account: Address, peer: Address) {
        introduced.insert(Place(account: account.bare, other: peer.bare))
    }
}
