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

    /// What stands how, now.
    public func gauges() async -> [Gauge] { [] }
}
