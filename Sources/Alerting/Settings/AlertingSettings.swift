public import Foundation
public import XMPP
public import YAMLConfiguration

/// What `config.yaml` says about people, alerts and schedules.
public struct AlertingSettings: Sendable {
    /// Who is who.
    public var directory: PeopleDirectory
    /// The alerts; `nil` when the file has no `alerts:`.
    public var alerts: AlertsSettings?
    /// What recurs, by the order of the file.
    public var schedules: [ScheduleSettings]

    /// The accounts that are named here: they must be accounts of the same file.
    public var accounts: Set<Address> {
        Set(schedules.map(\.account) + (alerts.map { [$0.account] + $0.routes.map(\.account) } ?? []))
    }

    /// The schedules of an account, to run.
    public func schedules(of account: Address) -> [Schedule] { schedules.filter { $0.account == account }.map(\.schedule) }
}

/// `alerts:`.
public struct AlertsSettings: Sendable {
    /// The account that tells alerts, unless a route names another.
    public var account: Address
    /// Who may give commands in chat.
    public var rights: CommandRights
    /// The alert manager whose silences may be made from chat.
    public var alertmanager: AlertmanagerSettings?
    /// The routes, by the order of the file.
    public var routes: [RouteSettings]
    /// Heartbeats that are waited for.
    public var heartbeats: [HeartbeatRule]
    /// Heartbeats that are sent.
    public var heartbeatsOut: [OutgoingHeartbeatSettings]

    /// The routes of an account, with their templates.
    ///
    /// - Parameter templates: The templates that were read from ``RouteSettings/template``, by route.
    /// - Throws: what is wrong with a source's own template: an error of Oxbow itself.
    public func routes(of account: Address, templates: [String: AlertTemplate], sources: SourceRegistry = SourceRegistry())
        throws(TemplateErrors)
        -> [AlertRoute]
    {
        var made: [AlertRoute] = []
        for route in routes where route.account == account {
            var template = templates[route.name]
            if template == nil, let source = sources[route.source] { template = try AlertTemplate(standardFor: source) }
            made.append(
                AlertRoute(
                    name: route.name,
                    plan: route.plan,
                    template: template,
                    dedupe: route.dedupe,
                    fold: route.fold,
                    escalation: route.escalation,
                    canSilence: alertmanager != nil && route.source == "alertmanager",
                    zone: route.zone
                )
            )
        }
        return made
    }

    /// The heartbeats that are waited for by an account's routes.
    public func heartbeats(of account: Address) -> [HeartbeatRule] {
        heartbeats.filter { rule in routes.contains { $0.name == rule.route && $0.account == account } }
    }
}

/// A route as it stands in the file.
public struct RouteSettings: Sendable {
    /// Its name.
    public var name: String
    /// The account that tells.
    public var account: Address
    /// The source's name.
    public var source: String
    /// The template's file; the source's own template when there is none.
    public var template: String?
    /// Who is told at once, and who next.
    public var plan: CallPlan
    /// How long the same request is a retry, in seconds.
    public var dedupe: Int64
    /// When messages are folded.
    public var fold: StormGuard.Limits
    /// What happens to an alert that nobody acknowledges.
    public var escalation: Escalation?
    /// The zone of times in messages.
    public var zone: TimeZone
    /// Where the route stands, for errors about its template.
    public var position: Position
}

/// The alert manager's API.
public struct AlertmanagerSettings: Sendable {
    /// Its address, without `/api/v2`.
    public var url: String
    /// The user's name for Basic authentication.
    public var user: String?
    /// The user's password.
    public var password: Secret?
    /// A bearer token.
    public var token: Secret?
    /// A file of PEM certificates that count instead of the system's authorities.
    public var ca: String?
    /// Where the address stands, for warnings about it.
    public var position: Position
}

/// A heartbeat that is sent.
public struct OutgoingHeartbeatSettings: Sendable {
    /// Whom it goes to: an address that is asked with GET. It may hold a secret, as that of healthchecks.io does.
    public var url: Secret
    /// How often, in seconds.
    public var every: Int64
}

/// A schedule as it stands in the file.
public struct ScheduleSettings: Sendable {
    /// The account that says it, or whose handler gets it.
    public var account: Address
    /// What recurs.
    public var schedule: Schedule
}
