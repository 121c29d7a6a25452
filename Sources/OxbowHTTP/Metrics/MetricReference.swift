/// The tables of docs/metrics.md, made from the catalogue.
public enum MetricReference {
    /// The line before the generated part.
    public static let begin = "<!-- metrics:begin -->"
    /// The line after it.
    public static let end = "<!-- metrics:end -->"

    /// The part itself, without the two lines.
    public static var markdown: String {
        var text = ""
        for group in MetricCatalogue.groups {
            text += "\n### \(group.title)\n\n| metric | kind | labels | what it says |\n|---|---|---|---|\n"
            for metric in group.metrics {
                let labels = metric.labels.map(label).joined(separator: "; ")
                text += "| `\(metric.name)` | \(metric.kind.rawValue) | \(labels) | \(metric.help.replacing("|", with: "\\|")) |\n"
            }
        }
        return text + "\n"
    }

    private static func label(_ label: MetricDescription.Label) -> String {
        guard case .words(let words) = label.values else { return "`\(label.name)`" }
        return "`\(label.name)`: " + words.joined(separator: ", ")
    }
}
