import GRDB
public import OX
public import OpenPGP
public import XMPP

/// The memory of peers' keys and of our own, by account.
extension StateDatabase: PinStore {
    /// What is known about a peer; empty if nothing.
    public func peerKeys(account: Address, peer: Address) async throws -> PeerKeys {
        let vault = vault
        return try await read { db in
            guard let fields = try Self.memo(.peer, account, name: peer.bare.description, vault, db) else { return PeerKeys() }
            return try Self.peerKeys(fields)
        }
    }

    /// Replaces what is known about a peer; empty keys forget it.
    public func setPeerKeys(_ keys: PeerKeys, account: Address, peer: Address) async throws {
        let peer = peer.bare.description
        var fields: [String?] = [peer, keys.lastRead.map(String.init)]
        for pin in keys.pins {
            fields += [pin.fingerprint.hex, pin.standing.rawValue, pin.source.rawValue, "\(pin.firstSeen)", pin.announced ? "1" : "0"]
        }
        let value = keys == PeerKeys() ? nil : fields
        let vault = vault
        try await write { try Self.setMemo(.peer, account, name: peer, value, vault, $0) }
    }

    /// The peers of an account that something is known about, in alphabetical order.
    public func peers(account: Address) async throws -> [Address] {
        let vault = vault
        let names = try await read { db in
            try Self.memos(.peer, account, vault, db).map { fields in
                guard let name = fields.first ?? nil else { throw Unreadable.value }
                return try Self.address(name)
            }
        }
        return names.sorted { $0.description.utf8.lexicographicallyPrecedes($1.description.utf8) }
    }

    /// The fingerprint of the account's own key (S12), or `nil` before the first start.
    public func ownKey(account: Address) async throws -> Fingerprint? {
        let vault = vault
        return try await read { db in
            guard let fields = try Self.memo(.ownKey, account, vault, db) else { return nil }
            guard fields.count == 1, let text = fields[0] else { throw Unreadable.value }
            return try Self.fingerprint(text)
        }
    }

    /// Remembers the account's own key.
    public func setOwnKey(_ fingerprint: Fingerprint, account: Address) async throws {
        let vault = vault
        try await write { try Self.setMemo(.ownKey, account, [fingerprint.hex], vault, $0) }
    }

    private static func peerKeys(_ fields: [String?]) throws -> PeerKeys {
        guard fields.count >= 2, (fields.count - 2) % 5 == 0 else { throw Unreadable.value }
        let pins = try stride(from: 2, to: fields.count, by: 5).map { start in
            let values = try fields[start..<start + 5].map { value in
                guard let value else { throw Unreadable.value }
                return value
            }
            return Pin(
                fingerprint: try fingerprint(values[0]),
                standing: try choice(values[1]),
                source: try choice(values[2]),
                firstSeen: try integer(values[3]),
                announced: try truth(values[4])
            )
        }
        return PeerKeys(pins: pins, lastRead: try fields[1].map(integer))
    }
}
