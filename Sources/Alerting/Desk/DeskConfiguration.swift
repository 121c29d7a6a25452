import Web
import XMPP

/// What ``AlertDesk`` runs by: the settings with everything that they name fetched.
public struct DeskConfiguration: Sendable {
    /// What one account runs by.
    struct Account: Sendable {
        var routes: [AlertRoute] = []
        var rights = CommandRights()
        var heartbeats: [HeartbeatRule] = []
        var schedules: [Schedule] = []
    }

    /// A route as the desk finds it.
    struct Hook: Sendable {
        var account: Address
        var source: any AlertSource
    }

    /// A heartbeat that is sent.
    struct Beat: Sendable {
        var number: Int
        var request: WebRequest
        var every: Int64
    }

    var directory = PeopleDirectory()
    var accounts: [Address: Account] = [:]
    var hooks: [String: Hook] = [:]
    var silencing: (any Silencing)?
    var beats: [Beat] = []
    /// The account whose being online the heartbeats tell.
    var beatAccount: Address?

    /// Nothing: no routes, no schedules.
    public init() {}

    /// Puts settings together with what they name.
    ///
    /// - Parameters:
    ///   - templates: Templates by route, for those routes that name one.
    ///   - silencing: What makes silences; `nil` when none are made.
    ///   - heartbeats: The addresses of `heartbeats_out`, in their order.
    /// - Throws: what is wrong with a source's own template: an error of Oxbow itself.
    public init(
        _ settings: AlertingSettings,
        templates: [String: AlertTemplate] = [:],
        silencing: (any Silencing)? = nil,
        heartbeats: [String] = [],
        sources: SourceRegistry = SourceRegistry()
    ) throws(TemplateErrors) {
        directory = settings.directory
        self.silencing = silencing
        for account in settings.accounts { accounts[account] = Account(schedules: settings.schedules(of: account)) }
        guard let alerts = settings.alerts else { return }
        for account in accounts.keys {
            accounts[account]?.routes = try alerts.routes(of: account, templates: templates, sources: sources)
            accounts[account]?.rights = alerts.rights
            accounts[account]?.heartbeats = alerts.heartbeats(of: account)
        }
        for route in alerts.routes {
            guard let source = sources[route.source] else { continue }
            hooks[route.name] = Hook(account: route.account, source: source)
        }
        for (index, (beat, url)) in zip(alerts.heartbeatsOut, heartbeats).enumerated() {
            var request = WebRequest(url: url)
            request.allowsPlain = true
            beats.append(Beat(number: index + 1, request: request, every: beat.every))
        }
        beatAccount = alerts.account
    }
}
