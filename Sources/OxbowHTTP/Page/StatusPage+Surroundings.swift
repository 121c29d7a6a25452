import Alerting
import Oxbow

extension StatusPage {
    /// The page of a running Oxbow. What can't be had now is said on the page.
    static func html(surroundings: HTTPSurroundings) async -> String {
        async let status = try? await surroundings.control.status()
        async let outbox = try? await surroundings.control.outbox(OutboxRequest(.list))
        async let alerts = surroundings.desk?.report()
        async let gauges = surroundings.gauges()
        return StatusPage(
            status: await status,
            gauges: await gauges,
            outbox: await outbox,
            recent: surroundings.recent(),
            alerts: await alerts,
            now: surroundings.now()
        ).html
    }
}

extension MetricsPage {
    /// The page of a running Oxbow.
    static func text(surroundings: HTTPSurroundings) async -> String {
        async let status = try? await surroundings.control.status()
        async let alerts = surroundings.desk?.report()
        async let gauges = surroundings.gauges()
        return text(
            counters: surroundings.counters,
            gauges: await gauges,
            status: await status,
            alerts: await alerts,
            now: surroundings.now()
        )
    }
}
