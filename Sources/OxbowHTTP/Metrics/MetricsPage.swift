public import Alerting
public import Oxbow

/// The page behind `/metrics`.
public enum MetricsPage {
    /// What the page is, for `Content-Type`.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The page.
    ///
    /// - Parameters:
    ///   - counters: What was counted, and how long things took.
    ///   - gauges: What the accounts say of themselves.
    ///   - status: The accounts; `nil` if nobody can say, and then their gauges are missing.
    ///   - alerts: What there is of alerts.
    ///   - now: The time, in seconds since 1970.
    public static func text(counters: Counters, gauges: [Gauge], status: StatusReport?, alerts: AlertsReport?, now: Int64) -> String {
        var input = MetricsInput(counters: counters.entries, gauges: gauges, histograms: counters.histograms)
        if let status { input.add(status) }
        if let alerts { input.add(alerts) }
        input.gauges += ProcessMetrics.samples()
        input.addDays(now: now)
        return text(input)
    }

    /// The page of some values.
    static func text(_ input: MetricsInput) -> String {
        var families: [String: [Gauge]] = [:]
        for entry in input.counters {
            families[entry.key.name, default: []].append(Gauge(entry.key.name, entry.key.labels, Double(entry.value)))
        }
        for sample in input.gauges { families[sample.name, default: []].append(sample) }
        let histograms = Dictionary(grouping: input.histograms, by: \.key.name)
        var writer = MetricsWriter()
        for description in MetricCatalogue.groups.flatMap(\.metrics) {
            switch description.kind {
            case .histogram: writer.write(description, histograms[description.name] ?? [])
            case .gauge: writer.write(description, families[description.name] ?? [])
            case .counter:
                let counted = families[description.name] ?? []
                let known = Set(counted.map(\.labels))
                let zeros = labelSets(of: description, input).filter { !known.contains($0) }
                writer.write(description, counted + zeros.map { Gauge(description.name, $0, 0) })
            }
        }
        writeOthers(families, &writer)
        return writer.text
    }

    /// What the catalogue doesn't know: bots that aren't ours may count too.
    private static func writeOthers(_ families: [String: [Gauge]], _ writer: inout MetricsWriter) {
        for (name, samples) in families.sorted(by: { $0.key < $1.key }) where MetricCatalogue.byName[name] == nil {
            // A name or a label that Prometheus can't read would cost the whole page.
            let usable = samples.filter { $0.labels.keys.allSatisfy { isName($0, colons: false) && $0 != "le" && !$0.hasPrefix("__") } }
            guard isName(name, colons: true) else { continue }
            let kind: MetricDescription.Kind = name.hasSuffix("_total") ? .counter : .gauge
            writer.write(MetricDescription(kind, name, "Counted by a bot; Oxbow's own documentation doesn't know it."), usable)
        }
    }

    private static func isName(_ name: String, colons: Bool) -> Bool {
        guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "_"): true
            case UInt8(ascii: ":"): colons
            default: false
            }
        }
    }

    /// The sets of labels that a counter will have, as far as they are known before; none if a label's values aren't.
    private static func labelSets(of description: MetricDescription, _ input: MetricsInput) -> [[String: String]] {
        var sets: [[String: String]] = [[:]]
        for label in description.labels {
            sets = sets.flatMap { set in
                values(of: label, set, input).map { value in set.merging([label.name: value]) { $1 } }
            }
        }
        return sets
    }

    private static func values(of label: MetricDescription.Label, _ set: [String: String], _ input: MetricsInput) -> [String] {
        switch label.values {
        case .accounts: input.accounts.map(\.jid)
        case .bots: input.accounts.first { $0.jid == set["account"] }?.bots ?? []
        case .routes: input.routes
        case .words(let words): words
        case .names: []
        }
    }
}
