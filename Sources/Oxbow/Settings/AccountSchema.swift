import OpenPGP
import XMPP
import YAMLConfiguration

/// The keys of an entry of `accounts:`.
enum AccountSchema {
    static let jid = Key("jid", .bareJID, "The account's bare JID.")
    static let password = Key("password", .secret, "Its password.")
    static let resource = Key(
        optional: "resource",
        ValueType<String>.name.checked { (text) throws(Complaint) in
            guard Address(local: "x", domain: "x", resource: text) != nil else { throw Complaint("'\(text)' can't be a resource") }
            return text
        },
        "The resource to bind. Left out, the server chooses one."
    )
    static let connect = Key("connect", .connect, default: "{}", "How to reach the server. Left out, SRV records say.")
    static let allowPlain = Key(
        "allow_plain",
        .boolean,
        default: "false",
        "Whether PLAIN inside TLS is allowed where the server offers no SCRAM."
    )
    static let keyring = Key(optional: "keyring", .keyring, "The account's own GnuPG home.")
    static let trust = Key(
        "trust",
        ValueType<AccountSettings.Trust>.choice,
        default: "tofu",
        "Whose keys count: those first seen, those under keys only, or any (for demonstrations)."
    )
    static let keys = Key(
        "keys",
        .map(of: ValueType<[Fingerprint]>.fingerprints),
        default: "{}",
        "Fingerprints by address: the only ones under pinned, besides those first seen under tofu."
    )
    static let admins = Key("admins", .list(of: ValueType<Address>.contact), default: "[]", "Who hears of trouble.")
    static let recipients = Key(
        "recipients",
        .list(of: ValueType<Address>.contact),
        default: "[]",
        "Whom the account sends to unasked; it asks for their presence."
    )
    static let subscribe = Key(
        "subscribe",
        .boolean,
        default: "true",
        "Whether it asks for presence, by which servers pass on changed keys."
    )
    static let maxAge = Key(
        "max_age",
        .duration(.seconds(60) ... .seconds(86_400 * 90)),
        default: "7d",
        "How old a message may be that was stored while the account was away."
    )
    static let stuckAfter = Key(
        "stuck_after",
        .duration(.seconds(10) ... .seconds(86_400 * 7)),
        default: "10m",
        "After how long admins hear, by alarm, that messages wait or the account is down."
    )
    static let maxStanza = Key(
        optional: "max_stanza",
        .size(10_000...(1 << 30)),
        "The largest stanza that its server takes from us, where the server itself doesn't say (XEP-0478). It narrows nothing that comes in."
    )
    static let gateways = Key(
        "gateways",
        .list(
            of: .section(GatewaySchema.schema, name: "a gateway") { (section) throws(ConfigurationErrors) in
                try GatewaySchema.settings(section)
            },
            count: 0...100
        ),
        default: "[]",
        "The gateways through which it reaches people on other networks, end to end."
    )
    static let bots = Key("bots", .list(of: .botReference), default: "[]", "The names of its bots.")

    static let schema = Schema(
        jid,
        password,
        resource,
        connect,
        allowPlain,
        keyring,
        trust,
        keys,
        admins,
        recipients,
        subscribe,
        maxAge,
        stuckAfter,
        maxStanza,
        gateways,
        bots
    )

    static let host = Key(
        optional: "host",
        ValueType<String>.name.checked { (text) throws(Complaint) in
            guard !text.contains(where: { $0.isWhitespace || $0 == "/" || $0 == "@" }) else { throw Complaint("'\(text)' is no host") }
            return text
        },
        "A host name or address, instead of what DNS says. The certificate is checked for the JID's domain all the same."
    )
    static let port = Key(optional: "port", .integer(1...65_535), "Its port: 5222, or 5223 with tls: direct.")
    static let tls = Key(
        optional: "tls",
        ValueType<AccountSettings.ConnectSettings.TLS>.choice,
        "When TLS begins: after starttls, or at once. Left out: starttls with a host, else what SRV records offer."
    )
    static let ca = Key(optional: "ca", .path, "A file of PEM certificates to trust instead of the system's.")
    static let insecureSkipVerify = Key(
        "insecure_skip_verify",
        .boolean,
        default: "false",
        "Takes any certificate, and so anybody as the server. The log says so."
    )
    static let connectSchema = Schema(host, port, tls, ca, insecureSkipVerify)

    static let home = Key(
        optional: "home",
        .path,
        "The home directory; made, with a key, on first start. Left out: keyrings/JID in the state directory."
    )
    static let passphrase = Key(optional: "passphrase", .secret, "The passphrase of the secret key.")
    static let keyringSchema = Schema(home, passphrase)

    /// Makes the settings of an account. Its keyring, if none is named, lies in the state directory, which isn't known here: `home` is empty.
    static func settings(_ section: Section) throws(ConfigurationErrors) -> AccountSettings {
        var errors: [ConfigurationError] = []
        var keys: [Address: Set<Fingerprint>] = [:]
        for entry in section[Self.keys] {
            let path = section.context.key(Self.keys.name).key(entry.key).path
            do throws(Complaint) {
                let address = try contactAddress(entry.key)
                if keys[address] != nil { throw Complaint("\(address) stands here twice") }
                keys[address] = Set(entry.value)
            } catch {
                errors.append(ConfigurationError(at: entry.position, path: path, error.message, hint: error.hint))
            }
        }
        if section[trust] == .blind, !keys.isEmpty {
            errors.append(section.error(Self.keys, "mean nothing under trust: blind", hint: "write trust: pinned or tofu"))
        }
        let gateways = section[gateways]
        let domains = Set(gateways.map(\.jid))
        for gateway in gateways where gateways.filter({ $0.jid == gateway.jid }).count > 1 {
            errors.append(ConfigurationError(at: gateway.place.position, path: gateway.place.path, "\(gateway.jid) stands here twice"))
        }
        for (key, people) in [(Self.recipients, section[recipients]), (admins, section[admins])] {
            for person in people where LegacyName.isEscaped(person) && !domains.contains(person.domainAddress) {
                errors.append(
                    section.error(key, "\(person.domain) is no gateway of this account", hint: "add gateways: [{jid: \(person.domain)}]")
                )
            }
        }
        for gateway in gateways {
            for (address, fingerprints) in gateway.keys { keys[address, default: []].formUnion(fingerprints) }
        }
        var names: Set<String> = []
        for bot in section[bots] where !names.insert(bot.name).inserted {
            errors.append(ConfigurationError(at: bot.position, path: bot.path, "'\(bot.name)' stands here twice"))
        }
        guard errors.isEmpty else { throw ConfigurationErrors(errors) }
        return AccountSettings(
            jid: section[jid],
            password: section[password],
            resource: section[resource],
            connect: section[connect],
            allowPlain: section[allowPlain],
            keyring: section[keyring] ?? AccountSettings.KeyringSettings(home: "", passphrase: nil),
            trust: section[trust],
            keys: keys,
            admins: section[admins],
            recipients: section[recipients],
            subscribe: section[subscribe],
            maxAge: section[maxAge],
            stuckAfter: section[stuckAfter],
            maxStanza: section[maxStanza],
            gateways: gateways,
            bots: section[bots].map(\.name),
            botPlaces: section[bots].map { ($0.name, $0.position, $0.path) },
            place: (section.position(of: jid), section.context.key(jid.name).path),
            image: SectionImage(section.node)
        )
    }
}

/// A bot's name where an account refers to it.
struct BotReference: Sendable {
    var name: String
    var position: Position
    var path: String
}

extension ValueType where Value == BotReference {
    /// A bot's name, with its place.
    fileprivate static var botReference: Self {
        Self("the name of a bot") { (node, context) throws(ConfigurationErrors) in
            let name = try ValueType<String>.name(node, context)
            guard !name.contains("/"), !name.hasPrefix(".") else {
                throw ConfigurationErrors(context.error(node, "'\(name)' can't name a bot", hint: "it is the name of a folder under bots"))
            }
            return BotReference(name: name, position: node.position, path: context.path)
        }
    }
}

extension ValueType where Value == [Fingerprint] {
    /// Fingerprints: a list, or a single one.
    static var fingerprints: Self {
        either(
            ValueType<Fingerprint>.fingerprint.checked { (one) throws(Complaint) in [one] },
            or: .list(of: .fingerprint, count: 1...32),
            first: { if case .scalar = $0.content { true } else { false } }
        )
    }
}

extension ValueType where Value == AccountSettings.ConnectSettings {
    fileprivate static var connect: Self {
        .section(AccountSchema.connectSchema) { (section) throws(ConfigurationErrors) in
            let host = section[AccountSchema.host]
            let tls = section[AccountSchema.tls]
            let port = section[AccountSchema.port]
            if host == nil, port != nil {
                throw ConfigurationErrors(section.error(AccountSchema.port, "needs a host beside it", hint: "add host: NAME"))
            }
            let insecure = section[AccountSchema.insecureSkipVerify]
            if insecure, section[AccountSchema.ca] != nil {
                throw ConfigurationErrors(
                    section.error(AccountSchema.ca, "means nothing beside insecure_skip_verify: true", hint: "remove insecure_skip_verify")
                )
            }
            return AccountSettings.ConnectSettings(
                host: host,
                port: host == nil ? nil : port ?? (tls == .direct ? 5_223 : 5_222),
                tls: tls ?? (host == nil ? nil : .starttls),
                ca: section[AccountSchema.ca],
                insecureSkipVerify: insecure
            )
        }
    }
}

extension ValueType where Value == AccountSettings.KeyringSettings {
    fileprivate static var keyring: Self {
        .section(AccountSchema.keyringSchema) { (section) throws(ConfigurationErrors) in
            AccountSettings.KeyringSettings(home: section[AccountSchema.home] ?? "", passphrase: section[AccountSchema.passphrase])
        }
    }
}
