/// A value of a counter or a gauge, on its way to the page.
struct MetricSample: Sendable, Hashable {
    /// The metric's name.
    var name: String
    /// Its labels.
    var labels: [String: String]
    /// Its value.
    var value: Double

    init(_ name: String, _ labels: [String: String] = [:], _ value: Double) {
        self.name = name
        self.labels = labels
        self.value = value
    }
}

/// What a histogram has counted, on its way to the page.
struct MetricDistribution: Sendable, Hashable {
    /// The metric's name.
    var name: String
    /// Its labels.
    var labels: [String: String]
    /// The upper bounds of the buckets, ascending, without infinity.
    var bounds: [Double]
    /// How many values lie in each bucket and in no lower one; the last one, which has no bound, included.
    var counts: [Int]
    /// All values together.
    var sum: Double
}
