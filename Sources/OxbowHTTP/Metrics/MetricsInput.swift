import Alerting
import Oxbow

/// Everything that the page says, as values: what was counted, what stands now, and whose counters begin at zero.
struct MetricsInput: Sendable {
    /// What was counted.
    var counters: [Counters.Entry] = []
    /// What stands now.
    var gauges: [Gauge] = []
    /// How long things took.
    var histograms: [Histogram] = []
    /// The accounts with their bots: their counters appear as 0 before anything is counted, so that rates and alert rules work from the start.
    var accounts: [(jid: String, bots: [String])] = []
    /// The routes of alerts, whose counters begin at 0 likewise.
    var routes: [String] = []

    /// Adds the days until keys expire, which people want to read.
    mutating func addDays(now: Int64) {
        for gauge in gauges where gauge.name == "oxbow_key_expiry_timestamp_seconds" {
            let days = (gauge.value - Double(now)) / 86_400
            gauges.append(Gauge("oxbow_key_expiry_daysleft", gauge.labels, (days * 100).rounded() / 100))
        }
    }
}
