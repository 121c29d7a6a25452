/// Any JSON. What stands in it is there for templates under its path: `{{json.build.number}}`, `{{json.commits.0.message}}`.
///
/// These members at the top say more, when they are texts: `title` (or `subject`, `summary`), `text` (or `message`, `description`, `body`),
/// `severity` (or `level`, `priority`), `link` (or `url`), `status` (only `firing` and `resolved`), `group` and `fingerprint`. What has
/// neither of these two belongs to what has the same title: of two things that fire, the end of one isn't the end of the other.
struct JSONSource: AlertSource {
    let name = "json"
    let summary = "any JSON; each value stands under its path"
    let fields = [
        ContextField(
            "json",
            .labels,
            "every value by its path: `{{json.commits.0.message}}`; as a section, the first 64 of them in the order of their paths"
        ),
        ContextField("rest", .labels, "those values that no other name has: without the title, the text, the severity and so on"),
    ]
    let template = StandardTemplate.json

    func read(_ request: SourceRequest, limits: SourceLimits) throws(SourceError) -> SourceReading {
        let root = try request.json(limits)
        var flat = Flat(limits: limits)
        flat.take(root.value, path: "")
        // What is told elsewhere needn't be told again.
        var rest = flat.values
        func first(_ names: String...) -> String {
            guard case .object(let members) = root.value else { return "" }
            for name in names {
                guard let text = members[name]?.scalar, !text.isEmpty else { continue }
                rest[name] = nil
                return text
            }
            return ""
        }
        let text = ChatText.block(first("text", "message", "description", "body"), limit: limits.text)
        var title = ChatText.line(first("title", "subject", "summary"), limit: limits.title)
        var body = text
        let given = title
        if title.isEmpty { (title, body) = FirstLine.split(text, limits: limits) }
        let word = first("status").lowercased()
        let status = AlertStatus(rawValue: word) ?? .note
        if status.rawValue != word { rest["status"] = flat.values["status"] }
        let level = first("severity", "level", "priority")
        let fingerprint = GroupKey.bounded(ChatText.line(first("fingerprint"), limit: limits.title))
        let asked = request.query["group"] ?? first("group")
        let said = asked.isEmpty ? fingerprint : asked
        let group = ChatText.line(said.isEmpty && status != .note ? given : said, limit: limits.title)
        let key = GroupKey.bounded("json:" + group)
        let link = WebLink.checked(first("link", "url"), limit: limits.link)
        if title.isEmpty { title = "JSON with \("value".counted(flat.count))" }
        return .intake(
            Intake(
                source: name,
                groupKey: key,
                status: status,
                title: title,
                alerts: [
                    Alert(
                        fingerprint: fingerprint.isEmpty ? key : fingerprint,
                        status: status,
                        severity: Severity(word: level),
                        title: title,
                        text: body,
                        link: link
                    )
                ],
                details: ["json": .labels(flat.values), "rest": .labels(rest)]
            )
        )
    }

    /// The scalars by their paths, the first ones within the limits.
    private struct Flat {
        let limits: SourceLimits
        var values: [String: String] = [:]
        var count = 0

        init(limits: SourceLimits) { self.limits = limits }

        /// `nil` for the path of what isn't kept: it is counted only, and paths of hostile depth are never put together.
        mutating func take(_ value: JSONValue, path: String?) {
            let path = path.flatMap { values.count < 1000 && $0.utf8.count <= 512 ? $0 : nil }
            switch value {
            case .object(let members):
                for (name, member) in members.sorted(by: { $0.key < $1.key }) {
                    take(member, path: path.map { below($0, ChatText.line(name, limit: limits.name)) })
                }
            case .array(let elements):
                for (index, element) in elements.enumerated() { take(element, path: path.map { below($0, String(index)) }) }
            case .string, .number, .bool:
                count += 1
                guard let path, let text = value.scalar else { return }
                values[path.isEmpty ? "value" : path] = ChatText.block(text, limit: limits.value)
            case .null:
                break
            }
        }

        private func below(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
    }
}
