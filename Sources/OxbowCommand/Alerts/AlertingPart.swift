import Alerting
import Foundation
import Oxbow
import XMPP
import YAMLConfiguration

/// `people`, `groups`, `alerts` and `schedules` in `config.yaml`.
enum AlertingPart {
    static let part = SettingsPart(
        AlertingSettings.keys,
        read: { (section, settings) throws(ConfigurationErrors) in
            let alerting = try AlertingSettings(section)
            let errors = strangers(alerting, section, settings)
            guard errors.isEmpty else { throw ConfigurationErrors(errors) }
            return alerting
        },
        problems: { alerting, settings, environment in problems(alerting, settings, environment) }
    )

    /// Accounts that the file doesn't have, each where it stands.
    private static func strangers(_ alerting: AlertingSettings, _ section: Section, _ settings: Settings) -> [ConfigurationError] {
        let known = settings.accounts.map(\.jid.description) + settings.rejected.compactMap { $0.jid?.description }
        let hint = "accounts has " + (known.isEmpty ? "none that can be read" : known.joined(separator: ", "))
        func error(_ account: Address, _ path: [String]) -> ConfigurationError? {
            guard !settings.knows(account) else { return nil }
            var node = section.node
            for key in path { node = node[key] ?? node }
            return ConfigurationError(at: node.position, path: path.joined(separator: "."), "\(account) is no account here", hint: hint)
        }
        var errors: [ConfigurationError?] = []
        if let alerts = alerting.alerts {
            errors.append(error(alerts.account, ["alerts", "account"]))
            for route in alerts.routes where route.account != alerts.account {
                errors.append(error(route.account, ["alerts", "routes", route.name, "account"]))
            }
        }
        for schedule in alerting.schedules where schedule.account != alerting.alerts?.account {
            errors.append(error(schedule.account, ["schedules", schedule.schedule.name, "account"]))
        }
        return errors.compactMap(\.self)
    }

    private static func problems(_ alerting: AlertingSettings, _ settings: Settings, _ environment: [String: String]) -> SettingsProblems {
        var problems = SettingsProblems()
        let sources = SourceRegistry()
        for route in alerting.alerts?.routes ?? [] {
            guard let file = route.template, let source = sources[route.source] else { continue }
            problems.errors += template(file, source, route)
        }
        let secrets =
            [alerting.alerts?.alertmanager?.password, alerting.alerts?.alertmanager?.token].compactMap(\.self)
            + (alerting.alerts?.heartbeatsOut.map(\.url) ?? [])
        for secret in secrets {
            let (error, warning) = secret.inspect(environment: environment)
            if let error { problems.errors.append(error) }
            if let warning { problems.warnings.append(warning) }
        }
        for schedule in alerting.schedules {
            guard case .handler(let bot) = schedule.schedule.work, let account = settings.account(schedule.account),
                !account.bots.contains(bot)
            else { continue }
            var error = ConfigurationError(
                file: settings.path,
                "\(account.jid) has no bot '\(bot)'",
                hint: account.bots.isEmpty ? "add it to the account's bots" : "it has \(account.bots.joined(separator: ", "))"
            )
            error.path = "schedules.\(schedule.schedule.name).handler"
            problems.errors.append(error)
        }
        return problems
    }

    /// What is wrong with a route's template: in its own file and line, or with the file itself.
    private static func template(_ file: String, _ source: any AlertSource, _ route: RouteSettings) -> [ConfigurationError] {
        func error(_ message: String) -> [ConfigurationError] {
            let path = "alerts.routes.\(route.name).template"
            return [ConfigurationError(at: route.position, path: path, message, hint: "write a text file that Oxbow may read")]
        }
        guard let handle = FileHandle(forReadingAtPath: file) else { return error("there is no file \(file) that we may read") }
        defer { try? handle.close() }
        guard let data = try? handle.read(upToCount: templateLimit + 1), data.count <= templateLimit else {
            return error("\(file) has more than \(templateLimit) bytes")
        }
        guard let text = String(validating: data, as: UTF8.self) else { return error("\(file) is no UTF-8 text") }
        do throws(TemplateErrors) {
            _ = try AlertTemplate(text, file: file, source: source)
            return []
        } catch {
            return error.errors.map { error in
                let position = Position(file: error.file, line: error.line, column: error.column)
                return ConfigurationError(at: position, path: "", error.message, hint: error.hint)
            }
        }
    }

    private static let templateLimit = 256 << 10
}
