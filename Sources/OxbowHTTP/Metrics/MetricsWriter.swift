import Oxbow

/// Prometheus' text format 0.0.4.
///
/// A family is written once, with its `HELP` and `TYPE` before its lines; families are in the catalogue's order, then lines in the order of
/// their labels, so that the same values are the same text.
struct MetricsWriter {
    /// The page so far.
    private(set) var text = ""

    /// Writes a family of a counter or gauge; nothing if it has no samples.
    mutating func write(_ description: MetricDescription, _ samples: [Gauge]) {
        guard !samples.isEmpty else { return }
        begin(description)
        let names = description.labels.map(\.name)
        let lines = samples.map { (Self.labels($0.labels, order: names), $0.value) }.sorted { $0.0 < $1.0 }
        for (labels, value) in lines { line(description.name, labels, value) }
    }

    /// Writes a family of a histogram; nothing if it has none.
    mutating func write(_ description: MetricDescription, _ histograms: [Histogram]) {
        guard !histograms.isEmpty else { return }
        begin(description)
        let names = description.labels.map(\.name)
        let ordered = histograms.map { (Self.labels($0.key.labels, order: names), $0) }.sorted { $0.0 < $1.0 }
        for (labels, histogram) in ordered {
            let prefix = labels.isEmpty ? "" : labels + ","
            for (bound, count) in zip(Histogram.bounds, histogram.buckets) {
                line(description.name + "_bucket", prefix + "le=\"\(Self.number(bound))\"", Double(count))
            }
            line(description.name + "_bucket", prefix + "le=\"+Inf\"", Double(histogram.count))
            line(description.name + "_sum", labels, histogram.sum)
            line(description.name + "_count", labels, Double(histogram.count))
        }
    }

    private mutating func begin(_ description: MetricDescription) {
        text += "# HELP \(description.name) \(Self.helpText(description.help))\n# TYPE \(description.name) \(description.kind.rawValue)\n"
    }

    private mutating func line(_ name: String, _ labels: String, _ value: Double) {
        text += labels.isEmpty ? "\(name) \(Self.number(value))\n" : "\(name){\(labels)} \(Self.number(value))\n"
    }

    /// Labels as they stand between braces: those of `order` first, others behind by name. An empty label is one that isn't there.
    static func labels(_ labels: [String: String], order: [String]) -> String {
        let others = labels.keys.filter { !order.contains($0) }.sorted()
        return (order + others).compactMap { name in
            labels[name].flatMap { $0.isEmpty ? nil : "\(name)=\"\(escaped($0))\"" }
        }.joined(separator: ",")
    }

    /// A label's value: backslash, quote and line break are escaped, and nothing else is.
    static func escaped(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\n") }) else {
            return value
        }
        // By scalars: among characters a line break hides in "\r\n", and a quote below an accent.
        var result = String.UnicodeScalarView()
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\", "\"": result.append(contentsOf: ["\\", scalar])
            case "\n": result.append(contentsOf: "\\n".unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    private static func helpText(_ text: String) -> String { text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n") }

    /// A number as Prometheus reads it.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: value) { return String(whole) }
        return "\(value)"
    }
}
