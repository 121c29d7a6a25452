import GRDB
public import OX
public import OpenPGP
public import XMPP

/// The memory of peers' keys and of our own, by account.
extension StateDatabase: PinStore {
    /// What is known about a peer; empty if nothing.
    public func peerKeys(account: Address, peer: Address) async throws -> PeerKeys {
        let key = [account.bare.description, peer.bare.description]
        return try await read { db in
            let lastRead = try Int64.fetchOne(
                db,
                sql: "SELECT lastRead FROM peer WHERE account = ? AND peer = ?",
                arguments: StatementArguments(key)
            )
            let rows = try Row.fetchAll(
                db,
                sql: "SELECT * FROM pin WHERE account = ? AND peer = ? ORDER BY position",
                arguments: StatementArguments(key)
            )
            let pins = try rows.map { row in
                Pin(
                    fingerprint: try Self.fingerprint(row["fingerprint"]),
                    standing: try Self.choice(row["standing"]),
                    source: try Self.choice(row["source"]),
                    firstSeen: row["firstSeen"],
                    announced: row["announced"]
                )
            }
            return PeerKeys(pins: pins, lastRead: lastRead)
        }
    }

    /// Replaces what is known about a peer; empty keys forget it.
    public func setPeerKeys(_ keys: PeerKeys, account: Address, peer: Address) async throws {
        let (account, peer) = (account.bare.description, peer.bare.description)
        try await write { db in
            // The pins go with it.
            try db.execute(sql: "DELETE FROM peer WHERE account = ? AND peer = ?", arguments: [account, peer])
            guard keys != PeerKeys() else { return }
            try db.execute(sql: "INSERT INTO peer (account, peer, lastRead) VALUES (?, ?, ?)", arguments: [account, peer, keys.lastRead])
            let statement = try db.cachedStatement(
                sql: """
                    INSERT INTO pin (account, peer, position, fingerprint, standing, source, firstSeen, announced)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """
            )
            for (position, pin) in keys.pins.enumerated() {
                try statement.execute(arguments: [
                    account, peer, position, pin.fingerprint.hex, pin.standing.rawValue, pin.source.rawValue, pin.firstSeen, pin.announced,
                ])
            }
        }
    }

    /// The peers of an account that something is known about, in alphabetical order.
    public func peers(account: Address) async throws -> [Address] {
        try await read { db in
            try String.fetchAll(db, sql: "SELECT peer FROM peer WHERE account = ? ORDER BY peer", arguments: [account.bare.description])
                .map(Self.address)
        }
    }

    /// The fingerprint of the account's own key (S12), or `nil` before the first start.
    public func ownKey(account: Address) async throws -> Fingerprint? {
        try await read { db in
            try String.fetchOne(db, sql: "SELECT fingerprint FROM ownKey WHERE account = ?", arguments: [account.bare.description])
                .map(Self.fingerprint)
        }
    }

    /// Remembers the account's own key.
    public func setOwnKey(_ fingerprint: Fingerprint, account: Address) async throws {
        try await write { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO ownKey (account, fingerprint) VALUES (?, ?)",
                arguments: [account.bare.description, fingerprint.hex]
            )
        }
    }
}
