import Alerting
import Oxbow

extension MetricsInput {
    /// Adds what the desk says of routes, heartbeats and schedules.
    mutating func add(_ report: AlertsReport) {
        routes = report.routes.map(\.name)
        for route in report.routes {
            gauges.append(Gauge("oxbow_alerts_open", ["route": route.name, "state": "firing"], Double(route.firing)))
            gauges.append(Gauge("oxbow_alerts_open", ["route": route.name, "state": "acknowledged"], Double(route.acknowledged)))
        }
        for heartbeat in report.heartbeats {
            let labels = ["heartbeat": heartbeat.name]
            gauges.append(Gauge("oxbow_heartbeat_missing", labels, heartbeat.isMissing ? 1 : 0))
            if let last = heartbeat.last { gauges.append(Gauge("oxbow_heartbeat_last_timestamp_seconds", labels, Double(last))) }
        }
        for schedule in report.schedules {
            if let next = schedule.next {
                gauges.append(
                    Gauge("oxbow_schedule_next_timestamp_seconds", ["account": schedule.account, "schedule": schedule.name], Double(next))
                )
            }
        }
    }
}
