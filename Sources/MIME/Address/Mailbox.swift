/// A mail address with, perhaps, a name before it.
///
/// Addresses are those of RFC 5322 § 3.4.1 without comments, routes, groups, obsolete forms and domain literals, in ASCII. A local part that
/// is quoted without need is unquoted, so that the same mailbox is written in one way only.
public struct Mailbox: Hashable, Sendable, CustomStringConvertible {
    /// The name to show, or nil. It proves nothing.
    public let name: String?
    /// What stands before the `@`, quoted only where it must be.
    public let localPart: String
    /// What stands behind the `@`, as it was written.
    public let domain: String

    /// `local@domain`.
    public var address: String { "\(localPart)@\(domain)" }

    /// The address in the form by which mailboxes are compared: the domain in lower case, the local part untouched.
    public var comparable: String { "\(localPart)@\(domain.lowercased())" }

    /// The address; the name isn't said, since anyone can claim any.
    public var description: String { address }

    /// Whether both are the same mailbox: local parts equal to the byte, domains without regard to case, names ignored.
    public func isSame(as other: Mailbox) -> Bool { comparable == other.comparable }

    /// Reads a bare address, `local@domain`: at most 64 bytes before the `@` and 254 bytes in all.
    /// - Parameters:
    ///   - address: exactly the address, no white space around it.
    ///   - name: a name to show beside it; an empty one is none.
    /// - Returns: nil if it isn't exactly one address.
    public init?(address: String, name: String? = nil) {
        guard let parts = AddressSyntax.split(address) else { return nil }
        localPart = parts.localPart
        domain = parts.domain
        self.name = name.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Reads exactly one mailbox as a header field has it: `local@domain` or `Name <local@domain>`, encoded words in the name decoded.
    /// - Returns: nil for anything else: no or several mailboxes, a group, a comment, a route.
    public init?(parsing text: String) {
        guard let list = AddressSyntax.list(text, most: 1), let only = list.first else { return nil }
        self = only
    }

    /// Reads an OpenPGP User ID of the form `Name <local@domain>`, `<local@domain>` or `local@domain`.
    ///
    /// The name is free text (RFC 9580 § 5.11); it may hold no other address than the one behind it, and no angle brackets, so that nobody
    /// is taken for somebody else.
    /// - Returns: nil if it isn't exactly one mailbox (R16).
    public init?(userID: String) {
        guard userID.utf8.count <= 2048, userID.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else { return nil }
        guard let open = userID.utf8.firstIndex(of: UInt8(ascii: "<")) else {
            self.init(address: userID)
            return
        }
        guard userID.utf8.last == UInt8(ascii: ">") else { return nil }
        let address = userID[userID.utf8.index(after: open)...].utf8.dropLast()
        let name = String(userID[..<open])
        guard !name.unicodeScalars.contains(">"), name.isEmpty || name.utf8.last == 0x20 else { return nil }
        guard let bare = Mailbox(address: String(Substring(address))) else { return nil }
        if name.unicodeScalars.contains("@") {
            guard let named = Mailbox(address: name.trimmed), named.isSame(as: bare) else { return nil }
        }
        self.init(address: bare.address, name: name.trimmed)
    }
}
