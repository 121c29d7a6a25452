import MIME
public import XMPP

/// Somebody on another network, reached through a gateway: `carol@example.org` via `email.example.net`.
///
/// On XMPP that is `carol\40example.org@email.example.net` (XEP-0106), which servers compare in lower case: so does this type.
public struct LegacyAddress: Sendable {
    /// The name on the other network, such as a mail address, as the JID carries it.
    public let text: String
    /// The gateway's domain.
    public let gateway: Address
    /// The JID under which the gateway knows them: bare, and the sender of what they write (R20).
    public let jid: Address

    /// Takes a name as people write it, and a gateway.
    ///
    /// - Throws: ``LegacyAddressError`` if the name can't stand in a JID.
    public init(_ text: String, via gateway: Address) throws(LegacyAddressError) {
        guard gateway.local == nil, gateway.resource == nil else {
            throw LegacyAddressError("\(gateway) is no gateway: a gateway is named by its domain alone")
        }
        guard !text.isEmpty else { throw LegacyAddressError("there is no address in front of the gateway \(gateway)") }
        guard let local = JIDEscaping.escape(text) else {
            throw LegacyAddressError("an address can't begin or end with a space")
        }
        guard let jid = Address(local: local, domain: gateway.domain) else {
            throw LegacyAddressError(
                "this address holds characters that can't stand in a JID, or is longer than \(Address.partLimit) bytes"
            )
        }
        self.init(jid, local)
    }

    /// Reads the JID of somebody behind a gateway; the resourcepart, if any, is left out.
    ///
    /// - Throws: ``LegacyAddressError`` for a JID without a localpart: the gateway itself is nobody.
    public init(jid: Address) throws(LegacyAddressError) {
        guard let local = jid.local else { throw LegacyAddressError("\(jid) is a gateway, and not somebody behind one") }
        self.init(jid, local)
    }

    /// Reads `mailto:carol@example.org via email.example.net`, the way in which YAML and the command line name people behind gateways (R20).
    ///
    /// - Throws: ``LegacyAddressError`` that says what is wrong.
    public init(parsing text: some StringProtocol) throws(LegacyAddressError) {
        let words = text.split(separator: " ", omittingEmptySubsequences: true)
        guard words.count == 3, words[1] == "via" else {
            throw LegacyAddressError("write it as: mailto:ADDRESS via GATEWAY")
        }
        guard words[0].hasPrefix("mailto:") else {
            throw LegacyAddressError("an address behind a gateway begins with mailto:, as in mailto:carol@example.org via GATEWAY")
        }
        try self.init(mail: String(words[0].dropFirst("mailto:".count)), via: String(words[2]))
    }

    /// Takes a mail address and a gateway's domain, each as people write them (`--to carol@example.org --via email.example.net`).
    ///
    /// - Throws: ``LegacyAddressError`` that says what is wrong.
    public init(mail: String, via gateway: String) throws(LegacyAddressError) {
        guard let domain = Address(gateway) else { throw LegacyAddressError("the gateway is no domain") }
        guard let mailbox = Mailbox(address: mail) else {
            throw LegacyAddressError("what stands in front of \"via\" is no mail address; write local@domain, without a name and brackets")
        }
        try self.init(mailbox.address, via: domain)
    }

    private init(_ jid: Address, _ local: String) {
        self.jid = jid.bare
        text = JIDEscaping.unescape(jid.local ?? local)
        gateway = jid.domainAddress
    }
}

extension LegacyAddress: Hashable {
    /// Compares the JIDs.
    public static func == (one: LegacyAddress, other: LegacyAddress) -> Bool { one.jid == other.jid }
    /// Hashes the JID.
    public func hash(into hasher: inout Hasher) { hasher.combine(jid) }
}

extension LegacyAddress: CustomStringConvertible {
    /// `mailto:carol@example.org via email.example.net`: what ``init(parsing:)`` reads.
    public var description: String { "mailto:\(text) via \(gateway)" }
}

/// Why a text names nobody behind a gateway.
public struct LegacyAddressError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, and how it should be written.
    public let description: String
    init(_ message: String) { description = message }
}
