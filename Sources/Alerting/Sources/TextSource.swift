/// A plain text, as for ntfy: the body is the message, and headers or the query say the rest, by all the names that ntfy gives them.
///
/// What fires or is resolved without a group belongs to what was given the same title: the end of one thing isn't the end of another.
struct TextSource: AlertSource {
    let name = "text"
    let summary = "plain text; title, priority, tags and click in headers or query, as for ntfy"
    let headers = Self.names.flatMap { $0.headers }
    let fields = [
        ContextField("tags", "the tags, as sent"),
        ContextField("priority", "the priority as ntfy counts it, `1` to `5`; empty when it isn't given"),
    ]
    let template = """
        {{headline}}
        {{text}}
        {{#tags}}tags: {{tags}}{{/tags}}
        {{link}}
        """

    private struct Names {
        let field: String
        let headers: [String]
        let query: [String]
    }

    private static let names = [
        Names(field: "title", headers: ["x-title", "title", "ti", "t"], query: ["title", "t", "ti"]),
        Names(field: "message", headers: ["x-message", "message", "m"], query: ["message", "m"]),
        Names(field: "priority", headers: ["x-priority", "priority", "prio", "p"], query: ["priority", "prio", "p"]),
        Names(field: "tags", headers: ["x-tags", "tags", "tag", "ta"], query: ["tags", "tag", "ta"]),
        Names(field: "click", headers: ["x-click", "click"], query: ["click"]),
        Names(field: "group", headers: ["x-group"], query: ["group"]),
        Names(field: "status", headers: ["x-status"], query: ["status"]),
    ]

    func read(_ request: SourceRequest, limits: SourceLimits) throws(SourceError) -> SourceReading {
        guard request.body.count <= limits.body else {
            throw SourceError(.tooLarge, "the body has \(request.body.count) bytes; at most \(limits.body) are read")
        }
        guard let body = String(validating: request.body, as: UTF8.self) else {
            throw SourceError(.unreadable, "the body isn't UTF-8 text; files aren't taken")
        }
        var given: [String: String] = [:]
        for names in Self.names {
            let header = names.headers.lazy.compactMap { request.headers[$0] }.first { !$0.isEmpty }
            let query = names.query.lazy.compactMap { request.query[$0] }.first { !$0.isEmpty }
            given[names.field] = header.map(EncodedWord.decoded) ?? query
        }
        var text = ChatText.block(body, limit: limits.text)
        if text.isEmpty { text = ChatText.block(given["message"] ?? "", limit: limits.text) }
        var title = ChatText.line(given["title"] ?? "", limit: limits.title)
        var rest = text
        let givenTitle = title
        if title.isEmpty { (title, rest) = FirstLine.split(text, limits: limits) }
        guard !title.isEmpty else { throw SourceError(.shape, "there is neither a text nor a title") }
        let status = try Self.status(given["status"])
        let (priority, severity) = try Self.priority(given["priority"])
        let group = given["group"].map { ChatText.line($0, limit: limits.title) } ?? (status == .note ? "" : givenTitle)
        let key = GroupKey.bounded("text:" + group)
        return .intake(
            Intake(
                source: name,
                groupKey: key,
                status: status,
                title: title,
                alerts: [
                    Alert(
                        fingerprint: key,
                        status: status,
                        severity: severity,
                        title: title,
                        text: rest,
                        link: given["click"].flatMap { WebLink.checked($0, limit: limits.link) }
                    )
                ],
                details: ["tags": .text(ChatText.line(given["tags"] ?? "", limit: limits.value)), "priority": .text(priority)]
            )
        )
    }

    private static func status(_ word: String?) throws(SourceError) -> AlertStatus {
        guard let word else { return .note }
        guard let status = AlertStatus(rawValue: word.lowercased()) else {
            throw SourceError(.shape, "the status is none of firing, resolved and note")
        }
        return status
    }

    private static func priority(_ word: String?) throws(SourceError) -> (String, Severity) {
        guard let word else { return ("", .unstated) }
        switch word.lowercased() {
        case "1", "min": return ("1", .info)
        case "2", "low": return ("2", .info)
        case "3", "default": return ("3", .unstated)
        case "4", "high": return ("4", .error)
        case "5", "max", "urgent": return ("5", .critical)
        // RFC 9218's header has the same name, and a proxy may add it ("u=1, i"): that says nothing about the message.
        case let other where other.contains("=") || other == "i": return ("", .unstated)
        default: throw SourceError(.shape, "the priority is none of 1 to 5, min, low, default, high, max and urgent")
        }
    }
}
