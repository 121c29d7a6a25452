import XMPP
import YAMLConfiguration

/// The keys of `alerts:`.
enum AlertsSchema {
    static let account = Key("account", .account, "The account that tells alerts and takes commands.")
    static let allow = Key(
        "allow",
        .strings,
        default: "[]",
        "Who may give commands in chat: names of people and groups, addresses, globs on addresses ('*@example.org'). Nobody by default."
    )
    static let routes = Key("routes", .map(of: RouteSchema.type), "Routes by name: what comes in, and whom it is told.")

    static let url = Key("url", .httpURL, "Its address, without /api/v2.")
    static let user = Key(optional: "user", .name, "The user's name for Basic authentication.")
    static let password = Key(optional: "password", .secret, "The user's password.")
    static let token = Key(optional: "token", .secret, "A bearer token.")
    static let ca = Key(optional: "ca", .path, "A file of PEM certificates to trust instead of the system's.")
    static let alertmanager = Key(
        optional: "alertmanager",
        .section(Schema(url, user, password, token, ca)) { (section) throws(ConfigurationErrors) in
            guard (section[user] == nil) == (section[password] == nil) else {
                throw ConfigurationErrors(section.error("user and password belong together"))
            }
            guard section[user] == nil || section[token] == nil else {
                throw ConfigurationErrors(section.error(token, "stands beside user and password", hint: "one of them is enough"))
            }
            return AlertmanagerSettings(
                url: section[url],
                user: section[user],
                password: section[password],
                token: section[token],
                ca: section[ca],
                position: section.position(of: url)
            )
        },
        "The Alertmanager whose silences are made from chat. Left out, none are."
    )

    static let beatRoute = Key("route", .name, "The route by which it comes, and whose people are told when it doesn't.")
    static let match = Key("match", .map(of: .string), "Labels that it has; `*` is any value.")
    static let within = Key("within", .seconds(10...86_400 * 31), "How long it may stay away: longer than its sender's repeat interval.")
    static let heartbeats = Key(
        "heartbeats",
        .map(
            of: .section(Schema(beatRoute, match, within), name: "a heartbeat") { (section) throws(ConfigurationErrors) in section }
        ),
        default: "{}",
        "Alerts that must keep coming, by name: one that stays away is an alert."
    )

    static let beatURL = Key("url", .secret, "The address that is asked with GET; as a secret, since such addresses often hold one.")
    static let every = Key("every", .seconds(10...86_400), default: "1m", "How often.")
    static let heartbeatsOut = Key(
        "heartbeats_out",
        .list(
            of: .section(Schema(beatURL, every), name: "a heartbeat that is sent") { (section) throws(ConfigurationErrors) in
                OutgoingHeartbeatSettings(
                    url: section[beatURL],
                    every: section[every]
                )
            },
            count: 0...20
        ),
        default: "[]",
        "Somebody who is told that Oxbow lives, as long as its account can send."
    )

    static let schema = Schema(account, allow, routes, alertmanager, heartbeats, heartbeatsOut)

    static func settings(_ section: Section, directory: PeopleDirectory) throws(ConfigurationErrors) -> AlertsSettings {
        var errors: [ConfigurationError] = []
        func place(_ key: some SchemaKey, _ name: String) -> String { section.context.key(key.name).key(name).path }
        var rights = CommandRights()
        do throws(Complaint) { rights = try CommandRights(section[allow], directory: directory) } catch {
            errors.append(section.error(allow, error.message, hint: error.hint))
        }
        var made: [RouteSettings] = []
        for entry in section[routes] {
            do throws(ConfigurationErrors) {
                do throws(Complaint) { _ = try ValueType<String>.checkedName(entry.key) } catch {
                    throw ConfigurationErrors(
                        ConfigurationError(at: entry.position, path: place(routes, entry.key), error.message, hint: error.hint)
                    )
                }
                made.append(
                    try RouteSchema.settings(
                        entry.value,
                        name: entry.key,
                        account: section[account],
                        directory: directory,
                        position: entry.position
                    )
                )
            } catch {
                errors += error.errors
            }
        }
        var beats: [HeartbeatRule] = []
        let names = section[routes].map(\.key)
        for entry in section[heartbeats] {
            let beat = entry.value
            do throws(Complaint) { _ = try ValueType<String>.checkedName(entry.key) } catch {
                errors.append(
                    ConfigurationError(at: entry.position, path: place(heartbeats, entry.key), error.message, hint: error.hint)
                )
            }
            if !names.contains(beat[beatRoute]) {
                let near = nearest(to: beat[beatRoute], among: names).map { "did you mean '\($0)'?" }
                errors.append(beat.error(beatRoute, "there is no route '\(beat[beatRoute])'", hint: near ?? "it is one of routes"))
            }
            if beat[match].isEmpty { errors.append(beat.error(match, "names no label", hint: "write it like {alertname: Watchdog}")) }
            let labels = Dictionary(beat[match].map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
            beats.append(HeartbeatRule(name: entry.key, route: beat[beatRoute], match: labels, within: beat[within]))
        }
        guard errors.isEmpty else { throw ConfigurationErrors(errors) }
        return AlertsSettings(
            account: section[account],
            rights: rights,
            alertmanager: section[alertmanager],
            routes: made,
            heartbeats: beats,
            heartbeatsOut: section[heartbeatsOut]
        )
    }
}
