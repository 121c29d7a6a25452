/// A runtime that serves for long, with what other parts of its process need: the desk of alerts, the HTTP server, the status page.
public protocol ServingRuntime: LaunchedRuntime, Mailroom {
    /// The configuration, as it was last read without an error.
    var settings: Settings { get }
    /// What is counted.
    var counters: Counters { get }
    /// The last events, the newest first; at most 200.
    var recent: [RecentEvent] { get }
    /// What stands how, now.
    func gauges() async -> [Gauge]
    /// Whether the process works: its store answers.
    func isAlive() async -> Bool
    /// Calls somebody after each reload that was taken on, before ``LaunchedRuntime/reload()`` returns.
    func onSettings(_ body: @escaping @Sendable (Settings) async -> Void)
}
