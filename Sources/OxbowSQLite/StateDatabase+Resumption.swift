import GRDB
public import XMPP

/// The session of each account that may be resumed (XEP-0198 § 5, R12).
extension StateDatabase: ResumptionMemory {
    /// The session that may be resumed, if any.
    public func resumption(of account: Address) async throws -> ResumptionRecord? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM resumption WHERE account = ?", arguments: [account.bare.description]).map { row in
                guard let handled = UInt32(exactly: row["handled"] as Int64) else { throw Unreadable.value }
                return ResumptionRecord(
                    id: row["id"],
                    address: try Self.address(row["address"]),
                    location: row["location"],
                    handled: handled,
                    capabilities: row["capabilities"]
                )
            }
        }
    }

    /// Remembers a session, or with `nil` that there is none.
    public func setResumption(_ record: ResumptionRecord?, of account: Address) async throws {
        try await write { db in
            guard let record else {
                return try db.execute(sql: "DELETE FROM resumption WHERE account = ?", arguments: [account.bare.description])
            }
            try db.cachedStatement(
                sql: "INSERT OR REPLACE INTO resumption (account, id, address, location, handled, capabilities) VALUES (?, ?, ?, ?, ?, ?)"
            ).execute(arguments: [
                account.bare.description, record.id, record.address.description, record.location, Int64(record.handled),
                record.capabilities,
            ])
        }
    }
}
