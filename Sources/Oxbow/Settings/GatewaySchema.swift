import OpenPGP
import XMPP
import YAMLConfiguration

/// The keys of an entry of `accounts[].gateways`.
enum GatewaySchema {
    static let jid = Key(
        "jid",
        ValueType<String>.name.checked(as: "a domain (email.example.net)") { (text) throws(Complaint) in try LegacyName.domain(text) },
        "The gateway's address: a domain."
    )
    static let register = Key(
        optional: "register",
        .map(of: .secret),
        "What to register with, by the names of the fields of the gateway's form (oxbow gateways shows them)."
    )
    static let keys = Key(
        "keys",
        .map(of: ValueType<[Fingerprint]>.fingerprints),
        default: "{}",
        "Fingerprints of people behind it, by their address on the other network (carol@example.org)."
    )
    static let commandsFrom = Key(
        "commands_from",
        ValueType<GatewaySettings.CommandsFrom>.choice,
        default: "verified",
        "Whose mail handlers act on: keys that more than the gateway vouches for, or also keys that only it vouches for."
    )
    static let webKeyDirectory = Key(
        "web_key_directory",
        .boolean,
        default: "true",
        "Whether keys are looked for in Web Key Directories: a person's mail provider then learns that somebody at this IP address writes to them."
    )
    static let schema = Schema(jid, register, keys, commandsFrom, webKeyDirectory)

    static func settings(_ section: Section) throws(ConfigurationErrors) -> GatewaySettings {
        var errors: [ConfigurationError] = []
        let gateway = section[jid]
        var keys: [Address: Set<Fingerprint>] = [:]
        for entry in section[Self.keys] {
            do throws(Complaint) {
                let address = try LegacyName.address(of: entry.key, at: gateway.domain)
                if keys[address] != nil { throw Complaint("\(entry.key) stands here twice") }
                keys[address] = Set(entry.value)
            } catch {
                let path = section.context.key(Self.keys.name).key(entry.key).path
                errors.append(ConfigurationError(at: entry.position, path: path, error.message, hint: error.hint))
            }
        }
        guard errors.isEmpty else { throw ConfigurationErrors(errors) }
        return GatewaySettings(
            jid: gateway,
            registration: section[register].map { Dictionary($0.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }) },
            keys: keys,
            commandsFrom: section[commandsFrom],
            webKeyDirectory: section[webKeyDirectory],
            place: (section.position(of: jid), section.context.key(jid.name).path)
        )
    }
}
