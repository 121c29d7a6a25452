/// The generated part of docs/alerting.md: what each source gives to templates, and what its messages look like.
public enum SourceReference {
    /// The line before the generated part.
    public static let begin = "<!-- sources:begin -->"
    /// The line after it.
    public static let end = "<!-- sources:end -->"

    /// The part itself, without the two lines.
    public static func markdown(_ registry: SourceRegistry = SourceRegistry()) throws(TemplateErrors) -> String {
        var text = "\n### Names for every source\n\n" + table(ContextField.common, of: "")
        text += "\nIn each row of `alerts`:\n\n" + table(ContextField.alert, of: "")
        for source in registry.sources {
            text += "\n### `\(source.name)`\n\n\(source.summary).\n"
            if !source.headers.isEmpty {
                text += "\nHeaders that it reads: " + source.headers.map { "`\($0)`" }.joined(separator: ", ") + ".\n"
            }
            if !source.fields.isEmpty { text += "\nNames besides those of every source:\n\n" + table(source.fields, of: "") }
            text += "\nThe template when the route names none:\n\n" + fenced(source.template)
            for sample in source.samples {
                text += "\nSample `\(sample.name)`:\n\n"
                switch try TemplateTrial.run(sample, source: source) {
                case .message(let message): text += fenced(message)
                case .nothing(let reason): text += "No message: \(reason).\n"
                case .refused(let error): text += "Refused (\(error.code.status)): \(error).\n"
                }
            }
        }
        return text + "\n"
    }

    private static func fenced(_ text: String) -> String { "```text\n\(text)\n```\n" }

    private static func table(_ fields: [ContextField], of list: String) -> String {
        var text = list.isEmpty ? "| name | kind | what it is |\n|---|---|---|\n" : ""
        for field in fields {
            text += "| `\(list)\(field.name)` | \(kind(field.kind)) | \(field.note.replacing("|", with: "\\|")) |\n"
            // The rows of `alerts` have a table of their own.
            if case .list(let rows) = field.kind, rows != ContextField.alert { text += table(rows, of: field.name + " › ") }
        }
        return text
    }

    private static func kind(_ kind: ContextField.Kind) -> String {
        switch kind {
        case .text: "text"
        case .flag: "flag"
        case .labels: "labels"
        case .list: "list"
        }
    }
}
