import Delivery
import Synchronization

extension Runtime {
    /// What is counted.
    public var counters: Counters { house.counters }

    /// The last events, the newest first; at most 200.
    public var recent: [RecentEvent] { house.recent.all }

    /// Calls somebody after each reload that was taken on.
    public func onSettings(_ body: @escaping @Sendable (Settings) async -> Void) {
        state.withLock { $0.listeners.append(body) }
    }

    /// Whether the store answers.
    public func isAlive() async -> Bool {
        (try? await house.memories.store.birth()) != nil
    }

    /// What stands how, now. What can't be read now is left out, but for `oxbow_store_reachable`, which says so.
    public func gauges() async -> [Gauge] {
        var gauges = [
            Gauge("oxbow_start_time_seconds", [:], Double(started)),
            Gauge("oxbow_store_reachable", [:], await isAlive() ? 1 : 0),
        ]
        for account in accounts { gauges += await self.gauges(of: account) }
        for rejected in settings.rejected.compactMap(\.jid) {
            gauges.append(Gauge("oxbow_account_connected", ["account": "\(rejected)"], 0))
        }
        return gauges
    }

    private func gauges(of account: Account) async -> [Gauge] {
        let jid = account.settings.jid
        let labels = ["account": "\(jid)"]
        let isOnline = if case .online = await account.state { true } else { false }
        var gauges = [Gauge("oxbow_account_connected", labels, isOnline ? 1 : 0)]
        let now = house.now()
        if let summary = try? await house.memories.store.summary(account: jid, before: 0) {
            for state in OutboxEntry.State.allCases {
                let labels = labels.merging(["state": state.rawValue]) { $1 }
                gauges.append(Gauge("oxbow_outbox_messages", labels, Double(summary.counts[state] ?? 0)))
            }
            gauges.append(Gauge("oxbow_outbox_oldest_seconds", labels, Double(summary.oldest.map { max(0, now - $0) } ?? 0)))
        }
        if let count = try? await house.memories.store.unfinishedCount(account: jid) {
            gauges.append(Gauge("oxbow_journal_unfinished", labels, Double(count)))
        }
        // A key that doesn't expire has no end to be told; the page makes days of it.
        if let expiry = await account.keyExpiry() {
            gauges.append(Gauge("oxbow_key_expiry_timestamp_seconds", labels, Double(expiry)))
        }
        return gauges
    }
}
