import Oxbow

extension MetricsInput {
    /// Adds what the status says of accounts, bots, gateways and the configuration.
    mutating func add(_ report: StatusReport) {
        gauges.append(Gauge("oxbow_build_info", ["version": report.version], 1))
        if let reload = report.reload {
            gauges.append(Gauge("oxbow_last_reload_successful", [:], reload.error == nil ? 1 : 0))
            gauges.append(Gauge("oxbow_last_reload_timestamp_seconds", [:], Double(reload.time)))
        }
        // An account whose section can't be read has a name that several may share.
        var seen: Set<String> = []
        for account in report.accounts where seen.insert(account.jid).inserted { add(account) }
    }

    private mutating func add(_ account: StatusReport.Account) {
        accounts.append((account.jid, account.bots.map(\.name)))
        let labels = ["account": account.jid]
        for state in Self.states {
            gauges.append(Gauge("oxbow_account_state", labels.merging(["state": state]) { $1 }, account.state == state ? 1 : 0))
        }
        gauges.append(Gauge("oxbow_account_since_timestamp_seconds", labels, Double(account.since)))
        for bot in account.bots {
            gauges.append(Gauge("oxbow_bot_problem", labels.merging(["bot": bot.name]) { $1 }, bot.problem == nil ? 0 : 1))
        }
        for gateway in account.gateways ?? [] {
            gauges.append(
                Gauge("oxbow_gateway_problem", labels.merging(["gateway": gateway.jid]) { $1 }, gateway.problem == nil ? 0 : 1)
            )
        }
    }

    /// The words of ``Oxbow/AccountState``.
    private static let states = ["starting", "online", "offline", "failed", "stopped"]
}
