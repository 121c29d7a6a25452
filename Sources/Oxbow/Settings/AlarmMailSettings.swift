public import YAMLConfiguration

/// A mail server by which people hear of trouble (`alarm: {smtp: …}`).
public struct AlarmMailSettings: Sendable {
    /// When TLS begins. Without it nothing is sent through a network.
    public enum TLS: String, Sendable, CaseIterable {
        /// With `STARTTLS`, before anything else is said (RFC 3207); a server that doesn't offer it isn't used.
        case starttls
        /// From the first byte (RFC 8314).
        case direct
        /// Never: for a server on this machine.
        case none
    }

    /// The server's name, for which its certificate is checked.
    public var host: String
    /// Its port; `nil` for the usual one.
    public var port: Int?
    /// When TLS begins.
    public var tls: TLS
    /// A file of PEM certificates to trust instead of the system's.
    public var ca: String?
    /// Who logs in; `nil` if nobody does.
    public var user: String?
    /// With what.
    public var password: Secret?
    /// The sender's address.
    public var sender: String
    /// Who gets it.
    public var recipients: [String]

    /// The port that is connected to: 587, 465 with direct TLS, 25 without TLS.
    public var effectivePort: Int {
        port ?? (tls == .starttls ? 587 : tls == .direct ? 465 : 25)
    }

    /// Whether a host is this machine by its very name: what is sent there passes no network.
    static func isLoopback(_ host: String) -> Bool {
        let name = host.lowercased()
        if name == "localhost" || name == "::1" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.first == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

/// The keys of `alarm.smtp:`.
enum AlarmMailSchema {
    static let host = Key(
        "host",
        ValueType<String>.name.checked(as: "a host") { (text) throws(Complaint) in
            // It becomes a part of a URL.
            let isName = text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"): true
                default: false
                }
            }
            guard isName, !text.hasPrefix("-"),
                !text.contains(":") || text.split(separator: ":", omittingEmptySubsequences: false).count > 2
            else { throw Complaint("'\(text)' is no host", hint: "write a name or an address; the port has a key of its own") }
            return text
        },
        "The mail server. Its certificate is checked for this name."
    )
    static let port = Key(optional: "port", .integer(1...65_535), "Its port: 587, 465 with tls: direct, 25 with tls: none.")
    static let tls = Key(
        "tls",
        ValueType<AlarmMailSettings.TLS>.choice,
        default: "starttls",
        "When TLS begins: after STARTTLS, at once, or never (only to a server on this machine)."
    )
    static let ca = Key(optional: "ca", .path, "A file of PEM certificates to trust instead of the system's.")
    static let user = Key(optional: "user", .name, "Who logs in there. Left out, nobody does.")
    static let password = Key(optional: "password", .secret, "With what.")
    static let sender = Key("from", .mailAddress, "The sender's address.")
    static let recipients = Key("to", .list(of: .mailAddress, count: 1...20), "Who gets the mail, of every account.")
    static let schema = Schema(host, port, tls, ca, user, password, sender, recipients)

    static func settings(_ section: Section) throws(ConfigurationErrors) -> AlarmMailSettings {
        if section[tls] == .none, !AlarmMailSettings.isLoopback(section[host]) {
            let hint = "write tls: starttls or direct; none is for localhost"
            throw ConfigurationErrors(section.error(tls, "would send mail and password through the network in the clear", hint: hint))
        }
        guard (section[user] == nil) == (section[password] == nil) else {
            throw ConfigurationErrors(section.error("has only one of user and password", hint: "write both, or neither"))
        }
        return AlarmMailSettings(
            host: section[host],
            port: section[port],
            tls: section[tls],
            ca: section[ca],
            user: section[user],
            password: section[password],
            sender: section[sender],
            recipients: section[recipients]
        )
    }
}

extension ValueType where Value == String {
    /// One mail address without a name: what stands in an SMTP envelope, and in a header without being quoted.
    fileprivate static var mailAddress: Self {
        name.checked(as: "a mail address (name@example.org)") { (text) throws(Complaint) in
            let parts = text.split(separator: "@", omittingEmptySubsequences: false)
            let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !#"<>()[]\,;:""#.utf8.contains($0) }
            guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), isPlain, text.utf8.count <= 254 else {
                throw Complaint("'\(text)' is no mail address", hint: "write it like name@example.org")
            }
            return text
        }
    }
}
