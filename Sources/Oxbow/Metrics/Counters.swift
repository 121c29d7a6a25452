public import Metrics
import Synchronization

/// What has happened, by name and labels: what `oxbow status` shows, and, through swift-metrics, any metrics system.
///
/// Names and label values are fixed words of the program (`oxbow_refused_total`, `reason: replay`) and names from the configuration
/// (accounts, bots); nothing that a peer chooses may become one, since entries live as long as the process.
public final class Counters: Sendable {
    /// A counter's identity.
    public struct Key: Hashable, Sendable {
        /// The name, such as `oxbow_events_total`.
        public var name: String
        /// The labels, such as `outcome: done`.
        public var labels: [String: String]

        /// Makes an identity.
        public init(_ name: String, _ labels: [String: String] = [:]) {
            self.name = name
            self.labels = labels
        }
    }

    /// A counter and its value.
    public struct Entry: Hashable, Sendable {
        /// Which counter.
        public var key: Key
        /// How often it was counted since the process began.
        public var value: Int

        /// Makes an entry.
        public init(key: Key, value: Int) {
            self.key = key
            self.value = value
        }
    }

    private struct State {
        var values: [Key: Int] = [:]
        var handlers: [Key: any CounterHandler] = [:]
        var histograms: [Key: Histogram] = [:]
        var recorders: [Key: any RecorderHandler] = [:]
    }
    private let state = Mutex(State())
    private let factory: any MetricsFactory

    /// Makes counters that are all zero.
    ///
    /// - Parameter factory: Where counts go besides; the default drops them.
    public init(factory: any MetricsFactory = NOOPMetricsHandler.instance) {
        self.factory = factory
    }

    /// Counts one.
    public func add(_ name: String, _ labels: [String: String] = [:]) {
        add(1, name, labels)
    }

    /// Counts several at once.
    public func add(_ amount: Int, _ name: String, _ labels: [String: String] = [:]) {
        let key = Key(name, labels)
        let handler = state.withLock { state in
            state.values[key, default: 0] += amount
            if let known = state.handlers[key] { return known }
            let dimensions = labels.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            let made = factory.makeCounter(label: name, dimensions: dimensions)
            state.handlers[key] = made
            return made
        }
        handler.increment(by: Int64(amount))
    }

    /// How often something was counted; 0 if never.
    public func value(_ name: String, _ labels: [String: String] = [:]) -> Int {
        state.withLock { $0.values[Key(name, labels)] ?? 0 }
    }

    /// The sum over all counters of a name whose labels contain the given ones.
    public func total(_ name: String, where labels: [String: String] = [:]) -> Int {
        state.withLock { state in
            state.values.reduce(0) { sum, entry in
                guard entry.key.name == name, labels.allSatisfy({ entry.key.labels[$0.key] == $0.value }) else { return sum }
                return sum + entry.value
            }
        }
    }

    /// All counters, ordered by name and then by labels.
    public var entries: [Entry] {
        state.withLock { $0.values }.map { Entry(key: $0.key, value: $0.value) }.sorted { $0.key.order < $1.key.order }
    }

    /// Takes the time in that something took, in seconds.
    public func observe(_ seconds: Double, _ name: String, _ labels: [String: String] = [:]) {
        let key = Key(name, labels)
        let recorder = state.withLock { state in
            state.histograms[key, default: Histogram(key: key)].observe(seconds)
            if let known = state.recorders[key] { return known }
            let dimensions = labels.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            let made = factory.makeRecorder(label: name, dimensions: dimensions, aggregate: true)
            state.recorders[key] = made
            return made
        }
        recorder.record(seconds)
    }

    /// All times that were taken in, ordered by name and then by labels.
    public var histograms: [Histogram] {
        state.withLock { Array($0.histograms.values) }.sorted { $0.key.order < $1.key.order }
    }
}

extension Counters.Key {
    /// By name, then by labels.
    fileprivate var order: String {
        name + "\0" + labels.sorted { $0.key < $1.key }.map { $0.key + "=" + $0.value }.joined(separator: "\0")
    }
}
