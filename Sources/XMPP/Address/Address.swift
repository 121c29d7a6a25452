/// An XMPP address (JID): `localpart@domainpart/resourcepart` (RFC 7622).
///
/// A value of this type is always normalised, so `==` is the comparison that the specifications ask for: localpart by nodeprep,
/// resourcepart by resourceprep (what servers enforce), domainpart lower-case in its U-label form, without a trailing dot. Comparison is
/// by bytes: two texts that a newer Unicode calls equivalent and the server doesn't are two addresses.
public struct Address: Sendable {
    /// The longest part, in bytes of UTF-8 (RFC 7622 § 3.1).
    public static let partLimit = 1_023

    /// The localpart, or `nil` for a server's own address.
    public let local: String?
    /// The domainpart.
    public let domain: String
    /// The resourcepart, or `nil` for a bare JID.
    public let resource: String?

    private init(unchecked local: String?, _ domain: String, _ resource: String?) {
        self.local = local
        self.domain = domain
        self.resource = resource
    }

    /// Normalises the parts of an address; `nil` if one of them is empty, too long, or holds what RFC 7622 § 3 forbids.
    public init?(local: String? = nil, domain: String, resource: String? = nil) {
        guard let domain = AddressPart.domain(domain) else { return nil }
        var parts: (local: String?, resource: String?) = (nil, nil)
        if let local {
            guard let local = AddressPart.local(local) else { return nil }
            parts.local = local
        }
        if let resource {
            guard let resource = AddressPart.resource(resource) else { return nil }
            parts.resource = resource
        }
        self.init(unchecked: parts.local, domain, parts.resource)
    }

    /// Reads and normalises an address; `nil` if it is malformed (RFC 7622 § 3).
    public init?(_ text: some StringProtocol) {
        // RFC 7622 § 3.1: the resourcepart starts at the first slash, the domainpart behind the first at-sign in front of it. By bytes: a
        // combining mark behind a separator makes another Character of it, but not for those who compare bytes.
        let bytes = Array(text.utf8)
        let slash = bytes.firstIndex(of: UInt8(ascii: "/"))
        let front = bytes[..<(slash ?? bytes.endIndex)]
        let resource = slash.map { String(decoding: bytes[($0 + 1)...], as: UTF8.self) }
        if let at = front.firstIndex(of: UInt8(ascii: "@")) {
            let local = String(decoding: front[..<at], as: UTF8.self)
            self.init(local: local, domain: String(decoding: front[(at + 1)...], as: UTF8.self), resource: resource)
        } else {
            self.init(domain: String(decoding: front, as: UTF8.self), resource: resource)
        }
    }
}

extension Address: Hashable {
    /// Compares the normalised bytes.
    public static func == (one: Address, other: Address) -> Bool {
        func same(_ one: String?, _ other: String?) -> Bool {
            switch (one, other) {
            case (nil, nil): true
            case (let one?, let other?): one.utf8.elementsEqual(other.utf8)
            default: false
            }
        }
        return same(one.local, other.local) && same(one.domain, other.domain) && same(one.resource, other.resource)
    }

    /// Hashes the normalised bytes.
    public func hash(into hasher: inout Hasher) {
        for part in [local, domain, resource] {
            // A byte that UTF-8 never has keeps the parts apart.
            for byte in (part ?? "").utf8 { hasher.combine(byte) }
            hasher.combine(part == nil ? 0xFE as UInt8 : 0xFF)
        }
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
