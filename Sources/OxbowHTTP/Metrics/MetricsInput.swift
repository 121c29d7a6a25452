import Oxbow

/// Everything that the page says, as values: what was counted, what stands now, and whose counters begin at zero.
struct MetricsInput: Sendable {
    /// What was counted.
    var counters: [Counters.Entry] = []
    /// What stands now.
    var gauges: [MetricSample] = []
    /// How long things took.
    var distributions: [MetricDistribution] = []
    /// The accounts with their bots: their counters appear as 0 before anything is counted, so that rates and alert rules work from the start.
    var accounts: [(jid: String, bots: [String])] = []
}
