import Foundation
import Testing

/// An account that tells alerts, with its listener for HTTP: what a test of alerting starts.
struct AlertScene: Sendable {
    /// What stands in its `config.yaml`; each value is YAML in one line.
    struct Settings: Sendable {
        /// People by name.
        var people: [String: String] = [:]
        var groups: [String: String] = [:]
        /// Who may give commands.
        var allow = "[]"
        var routes: [String: String] = [:]
        var heartbeats: [String: String] = [:]
        /// Alertmanager's address, if silences are made there.
        var alertmanager: String?
        /// Who may do what over HTTP, besides those of ``AlertScene/tokens``.
        var credentials: [String: String] = [:]
        /// More lines of `alerts:`, without indentation.
        var alerts: [String] = []
        /// More lines of `http:`, without indentation.
        var http: [String] = []
        /// More lines at the top.
        var top: [String] = []
        /// The keys that the operator vouches for, by address: commands are taken from these only.
        var keys: [String: String] = [:]
        /// More lines of the account.
        var account: [String] = []

        /// People who are told by one route, `alerts`, of an Alertmanager's alerts, and may all give commands.
        ///
        /// - Parameter people: Addresses by name.
        static func alertmanager(to people: [String: String], _ route: String = "", at url: String? = nil) -> Settings {
            var settings = Settings(people: people, groups: ["ops": "[\(people.keys.sorted().joined(separator: ", "))]"], allow: "[ops]")
            settings.routes["alerts"] = "{source: alertmanager, to: ops\(route)}"
            settings.alertmanager = url
            settings.account = ["recipients: [\(people.values.sorted().joined(separator: ", "))]"]
            return settings
        }
    }

    /// The tokens of its senders, each in a file of its own. They are secrets: nothing may repeat them.
    struct Tokens: Sendable {
        /// May do everything on all routes.
        let hooks = "hooks-" + UUID().uuidString
        /// May send and look at what became of it.
        let send = "send-" + UUID().uuidString
        /// May see the status page.
        let status = "status-" + UUID().uuidString
        /// For what a test makes besides.
        let extra = UUID().uuidString

        var all: [String] { [hooks, send, status, extra] }
    }

    let rig: Rig
    let oxbow: OxbowProgram
    let jid: String
    let port: Int
    let metricsPort: Int
    let tokens: Tokens
    let web: Web
    /// What curl needs to know to speak to it: its authority, if it has TLS.
    let curlOptions: [String]
    private let connect: String?
    private let room: Room?

    /// - Parameters:
    ///   - hears: Whom the bot hears besides those who may give commands: its `allow`.
    ///   - connect: What stands under `connect:` of the account; `nil` is the rig's server.
    ///   - capacity: How many KiB its state directory can hold; as many as there are without a value.
    ///   - isTLS: Whether its listeners on TCP speak TLS: then only curl speaks to it.
    init(host: String = "localhost", hears: String = "[]", connect: String? = nil, capacity: Int? = nil, isTLS: Bool = false) async throws {
        rig = try Rig.current
        jid = try await rig.server.account("alerts", host: host)
        web = try Web()
        let ports = try await web.ports(2)
        (port, metricsPort, tokens, self.connect) = (ports[0], ports[1], Tokens(), connect)
        // The folder of the bot as it ships: whoever follows the documents has just this.
        let bot = try String(contentsOfFile: Place.root + "/bots/alerts/bot.yaml", encoding: .utf8)
            .replacing("allow: []", with: "allow: \(hears)")
        oxbow = try OxbowProgram([], server: rig.server, bots: ["alerts": bot])
        room = if let capacity { try await Room.small(oxbow.state, kibibytes: capacity) } else { nil }
        if isTLS {
            curlOptions = ["--cacert", oxbow.folder + "/tls.pem"]
            let made = try await Leash.run(
                [
                    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-keyout",
                    "tls.key", "-out", "tls.pem", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                ],
                folder: oxbow.folder
            )
            guard made.code == 0 else { throw Trouble("openssl: \(made.err)") }
        } else {
            curlOptions = []
        }
        for (name, token) in [("hooks", tokens.hooks), ("send", tokens.send), ("status", tokens.status)] {
            try Folder.write(token + "\n", to: oxbow.folder + "/secrets/\(name)")
        }
    }

    /// Writes `config.yaml`.
    func write(_ settings: Settings) throws {
        func map(_ name: String, _ entries: [String: String], indent: Int) -> [String] {
            guard !entries.isEmpty else { return [] }
            let space = String(repeating: " ", count: indent)
            return [space + "\(name):"] + entries.sorted { $0.key < $1.key }.map { "\(space)  \($0.key): \($0.value)" }
        }
        var lines = map("people", settings.people, indent: 0) + map("groups", settings.groups, indent: 0)
        lines += ["alerts:", "  account: \(jid)", "  allow: \(settings.allow)"]
        if let url = settings.alertmanager { lines.append("  alertmanager: {url: \"\(url)\"}") }
        lines += map("routes", settings.routes, indent: 2) + map("heartbeats", settings.heartbeats, indent: 2)
        lines += settings.alerts.map { "  " + $0 }
        let credentials = [
            "hooks": "{token: {file: secrets/hooks}, may: [hooks]}",
            "send": "{token: {file: secrets/send}, may: [send]}",
            "status": "{token: {file: secrets/status}, may: [status]}",
        ]
        lines += ["http:", "  listen: [127.0.0.1:\(port), \"unix:\(socket)\"]", "  metrics: {listen: 127.0.0.1:\(metricsPort)}"]
        if !curlOptions.isEmpty { lines.append("  tls: {certificate: tls.pem, key: tls.key}") }
        lines += settings.http.map { "  " + $0 }
        lines += map("credentials", credentials.merging(settings.credentials) { $1 }, indent: 2)
        let account = OxbowProgram.Account(
            jid: jid,
            lines: settings.account + map("keys", settings.keys, indent: 0),
            bots: ["alerts"],
            connect: connect
        )
        try oxbow.write([account], server: rig.server, top: (lines + settings.top).joined(separator: "\n"))
    }

    /// Writes a configuration, starts the program, and waits until people can write to it and it to them.
    func begin(_ settings: Settings) async throws -> Daemon {
        try write(settings)
        let daemon = try await run()
        try await daemon.announced()
        return daemon
    }

    /// Starts the program, again or whatever state its server is in, and waits until it listens.
    func run() async throws -> Daemon {
        let daemon = try await oxbow.run(in: room)
        do { try await listens(daemon) } catch { throw Trouble("\(error)\n\(daemon.tail)") }
        return daemon
    }

    /// Waits until something listens; each attempt takes its time, which paces them.
    private func listens(_ daemon: Daemon) async throws {
        var last = ""
        for _ in 0..<600 where !daemon.leash.lines.isClosed {
            let curl = try await Leash.run(["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}"] + curlOptions + [url("/live")])
            if curl.out == "200" { return }
            last = curl.out + curl.err
        }
        throw Trouble("nothing answers at \(url("/live")): \(last)")
    }

    /// Writes another configuration and waits until it is taken on.
    func reload(_ settings: Settings, _ daemon: Daemon) async throws {
        try write(settings)
        let mark = daemon.leash.lines.count
        try daemon.leash.signal("HUP")
        try await daemon.leash.lines.first(from: mark, "the end of the reload") { $0.text.contains("configuration taken on") }
    }

    /// Writes into the state directory until there is no room left.
    func fill() async throws {
        try await room?.run("sh", "-c", #"cat /dev/zero 2>/dev/null > "$1/filler"; test -s "$1/filler""#, "sh", oxbow.state)
    }

    /// Gives that room back.
    func empty() async throws { try await room?.run("rm", oxbow.state + "/filler") }

    /// Waits until nothing of the outbox is open.
    func outboxIsEmpty() async throws { try await oxbow.outboxIsEmpty(in: room) }

    // MARK: HTTP

    /// Where it listens besides.
    var socket: String { oxbow.folder + "/http.sock" }

    func url(_ path: String) -> String { "\(curlOptions.isEmpty ? "http" : "https")://127.0.0.1:\(port)\(path)" }

    /// Where Alertmanager sends to.
    func hook(_ route: String = "alerts") -> Alertmanager.Hook { Alertmanager.Hook(url: url("/hooks/\(route)"), token: tokens.hooks) }

    /// A request with a bearer token.
    func post(
        _ path: String,
        _ body: String,
        token: String? = nil,
        type: String = "application/json",
        headers: [(String, String)] = []
    ) async throws -> Web.Answer {
        let all = [("Authorization", "Bearer \(token ?? tokens.hooks)"), ("Content-Type", type)] + headers
        return try await web.request("POST", path, at: .port(port), headers: all, body: body)
    }

    func get(_ path: String, token: String? = nil) async throws -> Web.Answer {
        try await web.request("GET", path, at: .port(port), headers: token.map { [("Authorization", "Bearer \($0)")] } ?? [])
    }

    /// What Prometheus reads.
    func metrics() async throws -> String {
        let answer = try await web.request("GET", "/metrics", at: .port(metricsPort))
        guard answer.status == 200 else { throw Trouble("/metrics: \(answer)") }
        return answer.body
    }

    /// Runs curl with arguments as they stand in the documents.
    func curl(_ arguments: String...) async throws -> Leash.End { try await Leash.run(["curl", "-sS"] + curlOptions + arguments) }

    // MARK: People

    /// Somebody with a key who can be written to; their own keys and the account's are known to both once it runs.
    func reader(_ name: String) async throws -> Reader {
        let host = String(jid.split(separator: "@")[1])
        let peer = try await rig.peer(name, host: host)
        let key = try await peer.makeKey()
        try await peer.announce(key)
        return Reader(peer: peer, key: key, bot: jid)
    }

    /// Somebody whom alerts are told.
    struct Reader: Sendable {
        let peer: Peer
        let key: String
        let bot: String
        var jid: String { peer.jid }

        /// The same one as somebody who writes to the account, once that has announced its key.
        func correspondent() async throws -> Correspondent {
            Correspondent(peer: peer, key: key, bot: bot, botKey: try await peer.learnKey(of: bot))
        }
    }
}
