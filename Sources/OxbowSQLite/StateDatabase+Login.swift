import GRDB
public import XMPP

/// What earlier logins have proved (R13).
extension StateDatabase: LoginMemory {
    /// The pins of an account; `nil` if it has never logged in.
    public func loginPins(of account: Address) async throws -> LoginPins? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM loginPins WHERE account = ?", arguments: [account.bare.description]).map { row in
                LoginPins(scram: row["scram"], channelBinding: row["channelBinding"], unlistedBindingFails: row["unlistedBindingFails"])
            }
        }
    }

    /// Keeps the pins of an account; `nil` forgets them.
    public func setLoginPins(_ pins: LoginPins?, of account: Address) async throws {
        try await write { db in
            guard let pins else {
                return try db.execute(sql: "DELETE FROM loginPins WHERE account = ?", arguments: [account.bare.description])
            }
            try db.execute(
                sql: "INSERT OR REPLACE INTO loginPins (account, scram, channelBinding, unlistedBindingFails) VALUES (?, ?, ?, ?)",
                arguments: [account.bare.description, pins.scram, pins.channelBinding, pins.unlistedBindingFails]
            )
        }
    }
}
