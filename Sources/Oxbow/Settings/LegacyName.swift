import GRE
import XMPP
import YAMLConfiguration

/// Somebody on another network, as people write them: `mailto:carol@example.org via email.example.net` (R20).
///
/// On XMPP they have an address at their gateway, with the name on the other network escaped into the localpart (XEP-0106):
/// `carol\40example.org@email.example.net`. Everything below the configuration and the command line uses that address only.
enum LegacyName {
    private static let scheme = "mailto:"

    /// Whether a text is meant to be one: it starts with `mailto:`.
    static func isMeant(by text: String) -> Bool { text.hasPrefix(scheme) }

    /// Takes `mailto:NAME via GATEWAY` apart.
    static func parts(of text: String) throws(Complaint) -> (name: String, gateway: String) {
        let words = text.split(separator: " ")
        guard isMeant(by: text), words.count == 3, words[1] == "via" else {
            throw Complaint(
                "'\(text)' doesn't say through which gateway",
                hint: "write it like mailto:carol@example.org via email.example.net"
            )
        }
        return (String(words[0].dropFirst(scheme.count)), String(words[2]))
    }

    /// The address of a mailbox at a gateway.
    static func address(of name: String, at gateway: String) throws(Complaint) -> Address {
        _ = try domain(gateway)
        do {
            return try LegacyAddress(mail: name, via: gateway).jid
        } catch {
            throw Complaint("'\(name)' is no mail address: \(error)", hint: "write it like carol@example.org")
        }
    }

    /// The mailbox behind an address at a gateway; `nil` for the gateway's own address.
    static func name(of address: Address) -> String? { address.local.map(JIDEscaping.unescape) }

    /// Whether an address holds somebody of another network: its localpart has an escaped `@`.
    static func isEscaped(_ address: Address) -> Bool { name(of: address)?.contains("@") ?? false }

    /// A glob on mailboxes at a gateway: stars as in an ``AddressGlob``.
    static func glob(_ pattern: String, at gateway: String) throws(Complaint) -> AddressGlob {
        let gateway = try domain(gateway)
        // Piece by piece: a star is no character of a name.
        let pieces = pattern.split(separator: "*", omittingEmptySubsequences: false).map { JIDEscaping.escape(String($0)) }
        let local = pieces.compactMap(\.self).joined(separator: "*")
        guard pattern == "*" || pattern.contains("@"), !pieces.contains(nil), let glob = AddressGlob(local + "@" + gateway.domain) else {
            throw Complaint("'\(pattern)' is no glob on mail addresses", hint: "write it like mailto:*@example.org via \(gateway)")
        }
        return glob
    }

    /// A gateway's address: a domain alone.
    static func domain(_ text: String) throws(Complaint) -> Address {
        guard let address = Address(text), address.local == nil, address.isBare else {
            throw Complaint("'\(text)' is no gateway", hint: "a gateway is a domain, like email.example.net")
        }
        return address
    }
}

/// `{address: carol@example.org, via: email.example.net}`.
enum LegacyNameSchema {
    static let address = Key("address", .name, "The address on the other network.")
    static let via = Key("via", .name, "The gateway's domain.")
    static let schema = Schema(address, via)
}

extension ValueType where Value == Address {
    /// Somebody who can be written to: on XMPP, or behind a gateway.
    static var contact: Self {
        Self("a bare JID (name@example.org), or mailto:name@example.org via GATEWAY") { (node, context) throws(ConfigurationErrors) in
            try readLegacyName(node, context, legacy: LegacyName.address, other: bareAddress)
        }
    }
}

extension ValueType where Value == AddressGlob {
    /// A glob on bare JIDs, or on the mailboxes behind a gateway.
    static var contactGlob: Self {
        Self("a glob on bare JIDs (*@example.org, mailto:*@example.org via GATEWAY)") { (node, context) throws(ConfigurationErrors) in
            try readLegacyName(node, context, legacy: LegacyName.glob) { (text) throws(Complaint) in
                guard let glob = AddressGlob(text) else {
                    throw Complaint("'\(text)' is no glob on bare JIDs", hint: "write it like '*@example.org'")
                }
                return glob
            }
        }
    }
}

/// Reads either form of somebody behind a gateway, or what else there may be.
private func readLegacyName<Value>(
    _ node: ConfigurationNode,
    _ context: ReadingContext,
    legacy: (String, String) throws(Complaint) -> Value,
    other: (String) throws(Complaint) -> Value
) throws(ConfigurationErrors) -> Value {
    let section: Section? = if case .map = node.content { try LegacyNameSchema.schema.read(node, context) } else { nil }
    let text = try section == nil ? ValueType<String>.name(node, context) : ""
    do throws(Complaint) {
        if let section { return try legacy(section[LegacyNameSchema.address], section[LegacyNameSchema.via]) }
        guard LegacyName.isMeant(by: text) else { return try other(text) }
        let parts = try LegacyName.parts(of: text)
        return try legacy(parts.name, parts.gateway)
    } catch {
        throw ConfigurationErrors(context.error(node, error.message, hint: error.hint))
    }
}
