/// A value that goes up and down, as it stands now.
public struct Gauge: Hashable, Sendable {
    /// The name, such as `oxbow_outbox_messages`.
    public var name: String
    /// The labels, such as `state: held`: fixed words and names of the configuration.
    public var labels: [String: String]
    /// The value, in the unit that the name ends with.
    public var value: Double

    /// Makes a gauge.
    public init(_ name: String, _ labels: [String: String] = [:], _ value: Double) {
        self.name = name
        self.labels = labels
        self.value = value
    }
}
