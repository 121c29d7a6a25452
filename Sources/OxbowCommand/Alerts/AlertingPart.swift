import Alerting
import Oxbow
import OxbowHTTP
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
        let found = alerting.problems(environment: environment)
        var problems = SettingsProblems(errors: found.errors, warnings: found.warnings)
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
        if let alerts = alerting.alerts, !alerts.routes.isEmpty, settings.part(HTTPSettings.self) == nil {
            let hint = "add http: with a credential that may: [hooks]"
            var warning = ConfigurationError(file: settings.path, "nothing listens, so no alert can come in", hint: hint)
            warning.path = "alerts.routes"
            problems.warnings.append(warning)
        }
        return problems
    }
}
