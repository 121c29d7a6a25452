import GRDB
public import XMPP

/// What earlier logins have proved (R13).
extension StateDatabase: LoginMemory {
    /// The pins of an account; `nil` if it has never logged in.
    public func loginPins(of account: Address) async throws -> LoginPins? {
        let vault = vault
        return try await read { db in
            guard let fields = try Self.memo(.login, account, vault, db) else { return nil }
            let values = try fields.map(Self.truth)
            guard values.count == 3 else { throw Unreadable.value }
            return LoginPins(scram: values[0], channelBinding: values[1], unlistedBindingFails: values[2])
        }
    }

    /// Keeps the pins of an account; `nil` forgets them.
    public func setLoginPins(_ pins: LoginPins?, of account: Address) async throws {
        let fields = pins.map { [$0.scram, $0.channelBinding, $0.unlistedBindingFails].map { $0 ? "1" : "0" as String? } }
        let vault = vault
        try await write { try Self.setMemo(.login, account, fields, vault, $0) }
    }
}
