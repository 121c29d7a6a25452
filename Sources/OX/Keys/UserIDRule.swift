public import XMPP

/// Which User IDs bind a key to an address (S3b, T13, R16). Always exact text, never a search.
public struct UserIDRule: Sendable {
    private let matches: @Sendable (String, Address) -> Bool

    /// Makes a rule from a predicate over a User ID, exactly as it stands on the key, and a bare JID.
    public init(_ matches: @escaping @Sendable (_ userID: String, _ peer: Address) -> Bool) { self.matches = matches }

    /// Whether the User ID binds its key to the address.
    public func accepts(_ userID: String, for peer: Address) -> Bool { matches(userID, peer) }

    /// The rule for XMPP peers: `xmpp:` and the bare JID, raw or percent-encoded (RFC 5122; Gajim ≥ 2.4.7), byte for byte.
    public static let xmpp = UserIDRule { userID, peer in
        guard userID.utf8.starts(with: prefix) else { return false }
        let rest = userID.utf8.dropFirst(prefix.count)
        // Not `==` on strings: that takes canonically equivalent texts for equal.
        let expected = peer.bare.description.utf8
        return rest.elementsEqual(expected) || percentDecoded(rest)?.elementsEqual(expected) ?? false
    }

    /// ``xmpp`` and also `Name <xmpp:JID>`, which strict peers refuse: only where the operator asks for it (T13).
    public static let xmppWithName = UserIDRule { userID, peer in
        if xmpp.accepts(userID, for: peer) { return true }
        guard userID.utf8.last == UInt8(ascii: ">"), let open = userID.utf8.lastIndex(of: UInt8(ascii: "<")) else { return false }
        return xmpp.accepts(String(userID[userID.utf8.index(after: open)...].dropLast()), for: peer)
    }

    /// The User ID that our own keys carry (P1): `xmpp:` and the bare JID, raw.
    public static func userID(for account: Address) -> String { "xmpp:" + account.bare.description }

    private static let prefix = Array("xmpp:".utf8)

    private static func percentDecoded(_ text: Substring.UTF8View) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}
