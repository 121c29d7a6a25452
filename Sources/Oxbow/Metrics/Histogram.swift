/// How long something took, counted by how long, since the process began.
public struct Histogram: Hashable, Sendable {
    /// The upper ends of the buckets, in seconds, ascending; what took longer than the last is in ``count`` alone.
    public static let bounds: [Double] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

    /// The name and labels, such as `oxbow_handler_seconds` with `bot: echo`.
    public var key: Counters.Key
    /// How many took at most as long as each of ``bounds``, those of the bounds below included.
    public var buckets: [Int]
    /// How many there were.
    public var count: Int
    /// How long they took together, in seconds.
    public var sum: Double

    /// Makes a histogram; empty without values.
    public init(key: Counters.Key, buckets: [Int] = Array(repeating: 0, count: bounds.count), count: Int = 0, sum: Double = 0) {
        self.key = key
        self.buckets = buckets
        self.count = count
        self.sum = sum
    }

    /// Takes a time in.
    mutating func observe(_ seconds: Double) {
        count += 1
        sum += seconds
        for (index, bound) in Self.bounds.enumerated() where seconds <= bound { buckets[index] += 1 }
    }
}
