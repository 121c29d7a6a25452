import Alerting
import Oxbow
import OxbowHTTP
import XMPP
import YAMLConfiguration

/// What `oxbow check` finds.
struct CheckReport: Encodable {
    /// The configuration file; empty if there is none.
    var file = ""
    /// The state directory; empty if the file can't be read.
    var state = ""
    /// By which ways people hear of trouble; `nil` if by none.
    var alarm: String?
    /// What would run.
    var accounts: [Account] = []
    /// What becomes of alerts, and what recurs; `nil` if the file says nothing of either.
    var alerts: Alerts?
    /// What listens; `nil` if nothing does.
    var http: HTTP?
    /// What keeps something from running.
    var errors: [String] = []
    /// What the operator should know all the same.
    var warnings: [String] = []

    /// One account.
    struct Account: Encodable {
        var jid: String
        var server: String
        var keyring: String
        var trust: String
        var admins: [String]
        var recipients: [String]
        var bots: [Bot]
    }

    /// One bot of an account.
    struct Bot: Encodable {
        var name: String
        var description: String?
        var allow: [String]
        var deny: [String]
        var sendTo: [String]
        var handlers: [Handler]
    }

    /// One handler of a bot.
    struct Handler: Encodable {
        var elements: [String]
        var match: String?
        var runs: String
        var isolation: String?
        /// What it asks for beyond what the account accepts; `account` for nothing.
        var trust: String

        fileprivate var only: String { trust == "account" ? "" : ", trust \(trust)" }
    }

    /// Judges the configuration. Reads files, starts and changes nothing.
    init(_ tool: Tool, option: String?) {
        let settings: Settings
        do throws(ConfigurationErrors) {
            file = try Settings.locate(option: option, environment: tool.environment)
            settings = try Settings.load(path: file, environment: tool.environment, tolerant: true, parts: Tool.parts)
        } catch {
            errors = error.errors.map(\.description)
            return
        }
        state = settings.state
        alarm = settings.alarm.map { alarm in
            // Arguments may say more than everybody should read.
            let mail = alarm.mail.map { "by mail of \($0.host) to \($0.recipients.joined(separator: " and "))" }
            let ways = [alarm.account.map { "by \($0)" }, alarm.command.first.map { "by \($0)" }, mail]
            return ways.compactMap(\.self).joined(separator: ", ")
        }
        alerts = settings.part(AlertingSettings.self).map(Alerts.init).flatMap { $0.isEmpty ? nil : $0 }
        http = settings.part(HTTPSettings.self).map(HTTP.init)
        var errors = settings.rejected.flatMap(\.errors.errors)
        let problems = settings.problems(environment: tool.environment)
        errors += problems.errors
        var warnings = problems.warnings + (settings.storeKeyWarning.map { [$0] } ?? [])
        var judged: Set<String> = []
        for account in settings.accounts {
            var bots: [Bot] = []
            for name in account.bots {
                // A bot without a file is among the problems of the settings.
                guard let folder = settings.folder(ofBot: name) else { continue }
                do throws(ConfigurationErrors) {
                    let file = try BotFile.load(name, in: folder, environment: tool.environment)
                    let bot = tool.modules.inviting(file, to: account.jid, of: settings)
                    bots.append(Bot(bot))
                    // For each account: a module may object to the account itself.
                    let settingsProblems = BotFile.settingsProblems(of: bot, modules: tool.modules, account: account.jid)
                    errors += settingsProblems.filter { problem in !errors.contains { $0.description == problem.description } }
                    guard judged.insert(name).inserted else { continue }
                    errors += BotFile.problems(of: bot, modules: tool.modules, stateFolder: settings.state)
                    warnings += BotFile.warnings(about: bot)
                } catch {
                    if judged.insert(name).inserted { errors += error.errors }
                }
            }
            accounts.append(Account(account, bots))
        }
        self.errors = errors.map(\.description)
        self.warnings = warnings.map(\.description)
        // An alarm's mail is an error of its own; the rest goes on without web keys, silences and heartbeats.
        if let problem = Host.webLibraryProblem { self.warnings.append("nothing can be asked over HTTPS: \(problem)") }
    }

    /// What would run, for people.
    var lines: [String] {
        guard !state.isEmpty else { return [] }
        var lines = ["\(file): state in \(state)"]
        if let alarm { lines.append("alarm \(alarm)") }
        for account in accounts {
            lines += ["", account.jid, "  server   \(account.server)", "  keyring  \(account.keyring)", "  trust    \(account.trust)"]
            if !account.admins.isEmpty { lines.append("  admins   \(account.admins.joined(separator: ", "))") }
            if !account.recipients.isEmpty { lines.append("  sends to \(account.recipients.joined(separator: ", "))") }
            for bot in account.bots {
                lines.append("  bot      \(bot.name)\(bot.description.map { ": " + $0 } ?? "")")
                let deny = bot.deny.isEmpty ? "" : ", not \(bot.deny.joined(separator: ", "))"
                lines.append("    heard: \(bot.allow.joined(separator: ", "))\(deny)")
                if !bot.sendTo.isEmpty { lines.append("    may write unasked to: \(bot.sendTo.joined(separator: ", "))") }
                for handler in bot.handlers {
                    let match = handler.match.map { " /\($0)/" } ?? ""
                    let isolation = handler.isolation.map { " (isolation: \($0))" } ?? ""
                    lines.append(
                        "    \(handler.elements.joined(separator: ", "))\(match): \(handler.runs)\(isolation)\(handler.only)"
                    )
                }
            }
            if account.bots.isEmpty { lines.append("  bots     none: it only sends") }
        }
        return lines + (alerts?.lines ?? []) + (http?.lines ?? [])
    }
}

extension CheckReport.Account {
    init(_ account: AccountSettings, _ bots: [CheckReport.Bot]) {
        let connect = account.connect
        var server = connect.host.map { host in "\(host):\(connect.port ?? 5_222)" } ?? "by the SRV records of \(account.jid.domain)"
        if let tls = connect.tls { server += ", \(tls.rawValue)" }
        if connect.insecureSkipVerify {
            server += ", any certificate"
        } else if let ca = connect.ca {
            server += ", certificates of \(ca)"
        }
        let keys = account.keys.values.reduce(0) { $0 + $1.count }
        self.init(
            jid: account.jid.description,
            server: server,
            keyring: account.keyring.home
                + (account.keyring.passphrase == nil ? "" : ", with a passphrase from \(account.keyring.passphrase.map { "\($0)" } ?? "")"),
            trust: account.trust.rawValue + (keys == 0 ? "" : ", \(keys) keys in the file"),
            admins: account.admins.map(\.description),
            recipients: account.recipients.map(\.description),
            bots: bots
        )
    }
}

extension CheckReport.Bot {
    init(_ bot: BotDefinition) {
        self.init(
            name: bot.name,
            description: bot.description,
            allow: bot.allow.map(\.description),
            deny: bot.deny.map(\.description),
            sendTo: bot.sendTo.map(\.description),
            handlers: bot.handlers.map { CheckReport.Handler($0) }
        )
    }
}

extension CheckReport.Handler {
    init(_ handler: HandlerDefinition) {
        let runs: String
        var isolation: String?
        switch handler.kind {
        case .swift(let module): runs = "swift \(module)"
        case .program(let program):
            runs = "exec " + program.command.joined(separator: " ")
            isolation = program.isolation.rawValue
        }
        self.init(
            elements: Set(handler.elements.map { Self.plain("\($0)") }).sorted(),
            match: handler.match?.pattern,
            runs: runs,
            isolation: isolation,
            trust: handler.trust == .blind ? "account" : handler.trust.rawValue
        )
    }

    /// A name of the stanza namespaces as `bot.yaml` writes it.
    private static func plain(_ name: String) -> String {
        for prefix in ["{jabber:client}", "{jabber:server}"] where name.hasPrefix(prefix) { return String(name.dropFirst(prefix.count)) }
        return name
    }
}
