import GRDB
public import XMPP

/// The session of each account that may be resumed (XEP-0198 § 5, R12).
extension StateDatabase: ResumptionMemory {
    /// The session that may be resumed, if any.
    public func resumption(of account: Address) async throws -> ResumptionRecord? {
        let vault = vault
        return try await read { try Self.resumption(account, vault, $0) }
    }

    /// Remembers a session, or with `nil` that there is none; an older count of the same session changes nothing.
    public func setResumption(_ record: ResumptionRecord?, of account: Address) async throws {
        let vault = vault
        try await write { try Self.setResumption(record, account, vault, $0) }
    }

    private static func resumption(_ account: Address, _ vault: Vault, _ db: Database) throws -> ResumptionRecord? {
        guard let fields = try memo(.resumption, account, vault, db) else { return nil }
        guard fields.count == 5, let id = fields[0], let address = fields[1], let handled = fields[3].flatMap({ UInt32($0) }) else {
            throw Unreadable.value
        }
        return ResumptionRecord(
            id: id,
            address: try self.address(address),
            location: fields[2],
            handled: handled,
            capabilities: fields[4]
        )
    }

    static func setResumption(_ record: ResumptionRecord?, _ account: Address, _ vault: Vault, _ db: Database) throws {
        if let record, let stored = try resumption(account, vault, db), record.isBehind(stored) { return }
        let fields = record.map { [$0.id, $0.address.description, $0.location, "\($0.handled)", $0.capabilities] }
        try setMemo(.resumption, account, fields, vault, db)
    }
}
