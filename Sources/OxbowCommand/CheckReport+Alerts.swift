import Alerting
import Foundation
import OxbowHTTP
import XMPP
import YAMLConfiguration

extension CheckReport {
    /// What `alerts:` and `schedules:` say.
    struct Alerts: Encodable {
        /// Who may give commands, by pattern.
        var allow: [String]
        /// Where silences are made.
        var alertmanager: String?
        var routes: [Route]
        /// Heartbeats that are waited for.
        var heartbeats: [String]
        var schedules: [Schedule]
    }

    /// A route.
    struct Route: Encodable {
        var name: String
        var source: String
        var account: String
        /// Who is told at once, and who next.
        var steps: [[String]]
        /// After how many seconds the next are told.
        var escalatesAfter: Int64?
    }

    /// Something that recurs.
    struct Schedule: Encodable {
        var name: String
        var account: String
        var cron: String
        var zone: String
    }

    /// What `http:` says.
    struct HTTP: Encodable {
        var listen: [String]
        var metrics: [String]
        /// What each credential may do, by name.
        var credentials: [String: [String]]
    }
}

extension CheckReport.Alerts {
    init(_ alerting: AlertingSettings) {
        let alerts = alerting.alerts
        self.init(
            allow: (alerts?.rights.audience ?? []).map(\.pattern).sorted(),
            alertmanager: alerts?.alertmanager?.url,
            routes: (alerts?.routes ?? []).map { route in
                CheckReport.Route(
                    name: route.name,
                    source: route.source,
                    account: route.account.description,
                    steps: route.plan.steps.map { $0.map(\.name) },
                    escalatesAfter: route.escalation?.after
                )
            },
            heartbeats: (alerts?.heartbeats ?? []).map(\.name),
            schedules: alerting.schedules.map { schedule in
                CheckReport.Schedule(
                    name: schedule.schedule.name,
                    account: schedule.account.description,
                    cron: schedule.schedule.clock.cron.text,
                    zone: schedule.schedule.clock.zone.identifier
                )
            }
        )
    }

    var isEmpty: Bool { routes.isEmpty && schedules.isEmpty }

    /// A time of whole minutes in minutes, any other in seconds.
    private static func words(_ seconds: Int64) -> String { seconds % 60 == 0 ? "\(seconds / 60) min" : "\(seconds) s" }

    /// For people.
    var lines: [String] {
        var lines: [String] = []
        if !routes.isEmpty {
            lines += ["", "alerts"]
            for route in routes {
                let steps = route.steps.map { $0.joined(separator: " and ") }
                // Without escalation those behind the first hear of it only when the first can't be reached.
                let then = route.escalatesAfter.map { " (after \(Self.words($0))) " } ?? " (if they can't be reached) "
                lines.append("  /hooks/\(route.name)  \(route.source), by \(route.account) to \(steps.joined(separator: "," + then))")
            }
            lines.append("  commands  \(allow.isEmpty ? "from nobody" : "from " + allow.joined(separator: ", "))")
            if let alertmanager { lines.append("  silences  in \(alertmanager)") }
            if !heartbeats.isEmpty { lines.append("  expects   \(heartbeats.joined(separator: ", "))") }
        }
        if !schedules.isEmpty {
            lines += ["", "schedules"]
            lines += schedules.map { "  \($0.name)  \($0.cron) (\($0.zone)), by \($0.account)" }
        }
        return lines
    }
}

extension CheckReport.HTTP {
    init(_ settings: HTTPSettings) {
        self.init(
            listen: settings.listeners.map(\.address.description),
            metrics: settings.metrics.map(\.address.description),
            credentials: Dictionary(settings.credentials.map { ($0.name, $0.may.map(\.description)) }) { first, _ in first }
        )
    }

    /// For people.
    var lines: [String] {
        var lines = ["", "http", "  listens   \(listen.joined(separator: ", "))"]
        if !metrics.isEmpty { lines.append("  metrics   \(metrics.joined(separator: ", "))") }
        lines += credentials.sorted { $0.key < $1.key }.map { "  \($0.key) may \($0.value.joined(separator: ", "))" }
        return lines
    }
}
