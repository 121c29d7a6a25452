import GRDB
public import GRE
public import XMPP

/// What accounts remember about gateways (S19, A27, R23).
extension StateDatabase: PolicyMemory {
    /// What is known about a gateway; `nil` if nothing.
    public func gatewayRecord(account: Address, gateway: Address) async throws -> GatewayRecord? {
        let vault = vault
        return try await read { db in
            guard let fields = try Self.memo(.gateway, account, name: gateway.domainAddress.description, vault, db) else { return nil }
            guard fields.count >= 2 else { throw Unreadable.value }
            let offered = try fields.dropFirst(2).map { field in
                guard let field else { throw Unreadable.value }
                return field
            }
            return GatewayRecord(encryptedOnly: try Self.truth(fields[0]), senderID: fields[1], offered: offered)
        }
    }

    /// Replaces what is known about a gateway; `nil` forgets it.
    public func setGatewayRecord(_ record: GatewayRecord?, account: Address, gateway: Address) async throws {
        let fields = record.map { [$0.encryptedOnly ? "1" : "0", $0.senderID] + $0.offered }
        let vault = vault
        try await write { try Self.setMemo(.gateway, account, name: gateway.domainAddress.description, fields, vault, $0) }
    }

    /// Whether somebody behind a gateway has been sent the account's key as a file (R23).
    public func isIntroduced(account: Address, peer: Address) async throws -> Bool {
        let vault = vault
        return try await read { try Self.memo(.introduced, account, name: peer.bare.description, vault, $0) != nil }
    }

    /// Remembers that somebody has been sent the account's key.
    public func setIntroduced(account: Address, peer: Address) async throws {
        let vault = vault
        try await write { try Self.setMemo(.introduced, account, name: peer.bare.description, [], vault, $0) }
    }
}
