/// An XMPP address (JID): `localpart@domainpart/resourcepart` (RFC 7622).
///
/// A value of this type is always normalised, so `==` is the comparison that the specifications ask for: localpart by nodeprep,
/// resourcepart by resourceprep (what servers enforce), domainpart lower-case in its U-label form, without a trailing dot.
public struct Address: Hashable, Sendable {
    /// The localpart, or `nil` for a server's own address.
    public let local: String?
    /// The domainpart.
    public let domain: String
    /// The resourcepart, or `nil` for a bare JID.
    public let resource: String?

    init(unchecked local: String?, _ domain: String, _ resource: String?) {
        self.local = local
        self.domain = domain
        self.resource = resource
    }
}

extension Address {
    /// The address without its resourcepart.
    public var bare: Address { Address(unchecked: local, domain, nil) }
    /// Whether there is no resourcepart.
    public var isBare: Bool { resource == nil }
    /// The address of the server part alone.
    public var domainAddress: Address { Address(unchecked: nil, domain, nil) }
}

extension Address: CustomStringConvertible {
    /// The address as it stands in a stanza.
    public var description: String {
        var text = local.map { $0 + "@" + domain } ?? domain
        if let resource { text += "/" + resource }
        return text
    }
}

extension Address {
    /// Reads and normalises an address; `nil` if it is malformed (RFC 7622 § 3).
    public init?(_ text: some StringProtocol) {
        // Provisional: the stringprep profiles come with the shim.
        let slash = text.firstIndex(of: "/")
        let front = text[..<(slash ?? text.endIndex)].lowercased()
        let parts = front.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let domain = parts.last, !domain.isEmpty else { return nil }
        self.init(
            unchecked: parts.count == 2 ? String(parts[0]) : nil,
            String(domain),
            slash.map { String(text[text.index(after: $0)...]) }
        )
    }
}
