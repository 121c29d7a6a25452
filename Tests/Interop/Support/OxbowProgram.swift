import Foundation

/// The built program with a state directory and a configuration of its own.
final class OxbowProgram: Sendable {
    /// An account in the configuration.
    struct Account: Sendable {
        var jid: String
        var password = Prosody.password
        /// More lines of its section, without indentation.
        var lines: [String] = []
        var bots = ["all"]
        /// What stands under `connect:`; `nil` is the rig's server by STARTTLS.
        var connect: String?
    }

    /// Answers everything with itself.
    static let echoAll = """
        allow: ["*@localhost", "*@*.localhost"]
        handlers:
          - element: body
            swift: echo
        """

    let folder: String
    var config: String { folder + "/config.yaml" }
    var state: String { folder + "/s" }

    /// Writes a configuration.
    ///
    /// - Parameter bots: The text of `bot.yaml` by the bot's name.
    init(
        _ accounts: [Account],
        server: Prosody,
        bots: [String: String] = ["all": OxbowProgram.echoAll],
        top: String = ""
    ) throws {
        folder = try Folder.temporary()
        for (name, text) in bots { try Folder.write(text + "\n", to: folder + "/bots/\(name)/bot.yaml") }
        try write(accounts, server: server, top: top)
    }

    /// Writes `config.yaml` anew.
    func write(_ accounts: [Account], server: Prosody, top: String = "") throws {
        var text = "state: s\nbots: bots\n\(top)\naccounts:\n"
        for account in accounts {
            let connect = account.connect ?? "{host: 127.0.0.1, port: \(server.port), tls: starttls, ca: \(server.ca)}"
            text += "  - jid: \(account.jid)\n    password: \"\(account.password)\"\n    connect: \(connect)\n"
            if !account.bots.isEmpty { text += "    bots: [\(account.bots.joined(separator: ", "))]\n" }
            for line in account.lines { text += "    \(line)\n" }
        }
        try Folder.write(text, to: config)
    }

    /// Runs a command to its end.
    func command(
        _ arguments: String...,
        input: String = "",
        environment: [String: String] = [:],
        in room: Room? = nil,
        within limit: Duration = .seconds(120)
    ) async throws -> Leash.End {
        try await Leash.run(
            (room?.door ?? []) + [Place.oxbow] + arguments + ["--config", config],
            environment: environment,
            folder: folder,
            input: input,
            within: limit
        )
    }

    /// Starts `oxbow run`.
    func run(environment: [String: String] = [:], in room: Room? = nil) async throws -> Daemon {
        let command = (room?.door ?? []) + [Place.oxbow, "run", "--config", config]
        let (state, leash) = (state, try await Leash(command, environment: environment, folder: folder))
        Cleanup.after {
            await leash.stop()
            // What a killed daemon leaves is reaped at its next start, which doesn't come here.
            let reap = #"for home in "$1"/keyrings/*; do [ ! -d "$home" ] || gpgconf --homedir "$home" --kill all; done"#
            _ = try? await Leash.run((room?.door ?? []) + ["sh", "-c", reap, "sh", state])
        }
        return Daemon(oxbow: self, leash: leash)
    }
}

/// A running `oxbow run`.
struct Daemon: Sendable {
    let oxbow: OxbowProgram
    let leash: Leash

    /// Starts one and waits until all of its accounts are online with their keys announced.
    static func online(_ oxbow: OxbowProgram, count: Int = 1) async throws -> Daemon {
        let daemon = try await oxbow.run()
        try await daemon.announced(count)
        return daemon
    }

    /// Waits until so many accounts have announced their keys.
    func announced(_ count: Int = 1) async throws {
        var from = 0
        for _ in 0..<count {
            from = try await leash.lines.first(from: from, "the announcement of a key") { $0.text.contains("key announced") }.index + 1
        }
    }

    /// What `oxbow status --json` says.
    func status() async throws -> Status {
        let end = try await oxbow.command("status", "--json")
        // 5: not all accounts are online.
        guard end.code == 0 || end.code == 5 else { throw Trouble("oxbow status: \(end.err)\(end.out)\n\(tail)") }
        return Status(try JSON(line: end.out))
    }

    /// Waits for a word in the log.
    func logged(_ word: String) async throws {
        try await leash.lines.first(within: .seconds(30), "'\(word)' in the log") { $0.text.contains(word) }
    }

    /// The end of its log.
    var tail: String { leash.lines.items.suffix(20).map(\.text).joined(separator: "\n") }

    /// Asks it to stop and waits for that.
    func terminate() async throws -> Leash.End {
        try leash.signal("TERM")
        return try await leash.end()
    }
}

/// A status report.
struct Status: Sendable {
    let json: JSON
    init(_ json: JSON) { self.json = json }

    func account(_ jid: String) throws -> JSON {
        guard let account = json["accounts"]?.array?.first(where: { $0["jid"]?.string == jid }) else {
            throw Trouble("\(jid) is not in the status: \(json)")
        }
        return account
    }

    func state(_ jid: String) throws -> String { try account(jid)["state"]?.string ?? "" }
    func reason(_ jid: String) throws -> String { try account(jid)["reason"]?.string ?? "" }

    /// The counters of an account, without those that are zero.
    func counters(_ jid: String) throws -> [String: Int] {
        guard case .object(let members)? = try account(jid)["counters"] else { return [:] }
        return members.compactMapValues(\.int).filter { $0.value != 0 }
    }
}
