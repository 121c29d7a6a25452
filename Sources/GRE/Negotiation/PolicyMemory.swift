public import XMPP

/// What an account remembers about a gateway, so that it can't go back on what it was without anybody noticing (S19, A27).
public struct GatewayRecord: Hashable, Sendable {
    /// Whether the gateway has said that it takes only encrypted messages.
    public var encryptedOnly: Bool
    /// Who it said that we are on the other network.
    public var senderID: String?
    /// The namespaces of the formatters and encrypters that it offered last, sorted.
    public var offered: [String]

    /// Makes a record; without arguments it is that of a gateway that nothing is known about.
    public init(encryptedOnly: Bool = false, senderID: String? = nil, offered: [String] = []) {
        self.encryptedOnly = encryptedOnly
        self.senderID = senderID
        self.offered = offered
    }
}

/// The memory of gateways, by account and the gateway's domain. OxbowSQLite keeps it on disk, OxbowTesting in memory.
public protocol PolicyMemory: Sendable {
    /// What is known about a gateway; `nil` if nothing.
    func gatewayRecord(account: Address, gateway: Address) async throws -> GatewayRecord?
    /// Replaces what is known about a gateway, durably; `nil` forgets it.
    func setGatewayRecord(_ record: GatewayRecord?, account: Address, gateway: Address) async throws
    /// Whether somebody behind a gateway has been sent the account's key as a file (R23).
    func isIntroduced(account: Address, peer: Address) async throws -> Bool
    /// Remembers that somebody has been sent the account's key, durably.
    func setIntroduced(account: Address, peer: Address) async throws
}
