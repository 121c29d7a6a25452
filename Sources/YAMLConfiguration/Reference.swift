/// The reference document of a schema, in Markdown: a table for each section, keys in their order, sections below.
public struct Reference: Sendable {
    private var text = ""

    /// Makes the reference of `schema`. `title` becomes the heading of the first table; `level` is the number of `#` before headings.
    public init(_ schema: Schema, title: String, level: Int = 2) { table(schema, heading: title, path: "", level: level) }

    /// The document, ending with a line break.
    public var markdown: String { text }

    private mutating func table(_ schema: Schema, heading: String, path: String, level: Int) {
        if !text.isEmpty { text += "\n" }
        text += String(repeating: "#", count: level) + " " + heading + "\n\n"
        text += "| key | holds | default | |\n|---|---|---|---|\n"
        var below: [(path: String, schema: Schema)] = []
        for key in schema.keys.map(\.description) {
            let fallback = key.isRequired ? "required" : key.defaultText.map { "`\($0)`" } ?? ""
            text += "| `\(key.name)` | \(escape(key.type)) | \(escape(fallback)) | \(escape(key.summary)) |\n"
            let inner = path.isEmpty ? key.name : path + "." + key.name
            if let (suffix, schema) = section(of: key.shape) { below.append((inner + suffix, schema)) }
        }
        for (path, schema) in below { table(schema, heading: "`\(path)`", path: path, level: level) }
    }

    /// The section inside a shape, and how its path goes on.
    private func section(of shape: Shape) -> (suffix: String, schema: Schema)? {
        switch shape {
        case .value: nil
        case .section(let schema): ("", schema)
        case .list(let inner): section(of: inner).map { ("[]" + $0.suffix, $0.schema) }
        case .map(let inner): section(of: inner).map { (".NAME" + $0.suffix, $0.schema) }
        }
    }

    /// A pipe would end the cell.
    private func escape(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
