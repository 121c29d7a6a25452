public import XMPP
public import YAMLConfiguration

/// Where somebody gets messages: a bare JID. Behind a gateway it is the JID that the gateway gives them (`carol\40example.org@GATEWAY`), and
/// people see it as `mailto:carol@example.org via GATEWAY` (R20).
public struct Contact: Sendable, Hashable {
    /// The bare JID.
    public let address: Address

    /// Takes an address; its resourcepart plays no role.
    public init(_ address: Address) { self.address = address.bare }

    /// Reads `name@example.org` or `mailto:name@example.org via GATEWAY`.
    ///
    /// - Throws: what is wrong and how it is written.
    public init(parsing text: String) throws(Complaint) {
        guard text.hasPrefix("mailto:") else {
            guard let address = Address(text), address.isBare, address.local != nil else {
                throw Complaint("'\(text)' is no address", hint: "write name@example.org, or mailto:name@example.org via GATEWAY")
            }
            self.init(address)
            return
        }
        let words = text.split(separator: " ")
        guard words.count == 3, words[1] == "via" else {
            throw Complaint(
                "'\(text)' doesn't say through which gateway",
                hint: "write it like mailto:carol@example.org via email.example.net"
            )
        }
        guard let gateway = Address(words[2]), gateway.local == nil, gateway.isBare else {
            throw Complaint("'\(words[2])' is no gateway", hint: "a gateway is a domain, like email.example.net")
        }
        let name = String(words[0].dropFirst("mailto:".count))
        let halves = name.split(separator: "@", omittingEmptySubsequences: false)
        guard halves.count == 2, !halves.contains(where: \.isEmpty), let local = JIDEscaping.escape(name),
            let address = Address(local: local, domain: gateway.domain)
        else { throw Complaint("'\(name)' is no mail address", hint: "write it like carol@example.org") }
        self.init(address)
    }

    /// Whether it is behind a gateway: the localpart has an escaped `@`.
    public var isBehindGateway: Bool { address.local.map(JIDEscaping.unescape)?.contains("@") ?? false }
}

extension Contact: CustomStringConvertible {
    /// As people write it, and as ``init(parsing:)`` reads it.
    public var description: String {
        guard isBehindGateway, let local = address.local else { return address.description }
        return "mailto:\(JIDEscaping.unescape(local)) via \(address.domain)"
    }
}

extension Contact: Comparable {
    /// By the address's text.
    public static func < (left: Contact, right: Contact) -> Bool { left.address.description < right.address.description }
}

extension Contact: Codable {
    /// Reads the JID.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let address = Address(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "is no address")
        }
        self.init(address)
    }

    /// Writes the JID.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(address.description)
    }
}
