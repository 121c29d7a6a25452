/// What is sent to Slack's incoming webhooks: `text`, `blocks` and `attachments`, as JSON or as the form field `payload`.
struct SlackSource: AlertSource {
    let name = "slack"
    let summary = "anything that can send to a Slack incoming webhook: text, blocks, attachments"
    let fields = [
        ContextField("username", "the name under which the sender wanted to appear"),
        ContextField("channel", "the channel that the sender named"),
    ]
    let template = StandardTemplate.plain

    func read(_ request: SourceRequest, limits: SourceLimits) throws(SourceError) -> SourceReading {
        let root = try request.json(limits)
        var gathered = Gathered()
        // With blocks, `text` is what stands in notifications: the same in short.
        if let blocks = try root.get("blocks")?.list(), !blocks.isEmpty {
            for block in blocks { try gathered.take(block: block) }
        }
        let text = SlackText.plain(try root.string("text"))
        if gathered.parts.isEmpty { gathered.add(text) }
        for attachment in try root.get("attachments")?.list() ?? [] { try gathered.take(attachment: attachment, limits: limits) }
        let body = ChatText.block(gathered.parts.joined(separator: "\n"), limit: limits.text)
        guard !body.isEmpty else { throw SourceError(.shape, "there is no text: one of `text`, `blocks` and `attachments` is needed") }
        let (title, rest) = FirstLine.split(body, limits: limits)
        let channel = try root.line("channel", limit: limits.name)
        let group = request.query["group"] ?? channel
        let key = GroupKey.bounded("slack:" + ChatText.line(group, limit: limits.title))
        return .intake(
            Intake(
                source: name,
                groupKey: key,
                status: .note,
                title: title,
                alerts: [
                    Alert(fingerprint: key, status: .note, severity: gathered.severity, title: title, text: rest, link: gathered.link)
                ],
                details: [
                    "username": .text(try root.line("username", limit: limits.name)), "channel": .text(channel),
                ]
            )
        )
    }

    private struct Gathered {
        var parts: [String] = []
        var severity = Severity.unstated
        var link: String?
        /// Enough for every text that is kept; what follows is not gone through.
        private var room = 200

        mutating func add(_ text: String) {
            guard room > 0, !text.isEmpty else { return }
            room -= 1
            parts.append(text)
        }

        private func text(_ cursor: JSONCursor) throws(SourceError) -> String {
            if case .string(let text) = cursor.value { return SlackText.plain(text) }
            let text = try cursor.string("text")
            return try cursor.string("type") == "plain_text" ? text : SlackText.plain(text)
        }

        mutating func take(block: JSONCursor) throws(SourceError) {
            switch try block.string("type") {
            case "rich_text":
                for element in try block.get("elements")?.list() ?? [] { add(try rich(element)) }
            case "image":
                if let title = try block.get("title") { add(try text(title)) } else { add(try block.string("alt_text")) }
            case "actions":
                for element in try block.get("elements")?.list() ?? [] { try take(button: element) }
            default:
                if let body = try block.get("text") { add(try text(body)) }
                for field in try block.get("fields")?.list() ?? [] { add(try text(field)) }
                let elements = try block.get("elements")?.list() ?? []
                var line: [String] = []
                for element in elements.prefix(20) {
                    line.append(try element.string("type") == "image" ? element.string("alt_text") : text(element))
                }
                add(line.filter { !$0.isEmpty }.joined(separator: " "))
                if let accessory = try block.get("accessory") { try take(button: accessory) }
            }
        }

        private mutating func take(button: JSONCursor) throws(SourceError) {
            let url = try button.string("url")
            if link == nil, !url.isEmpty { link = WebLink.checked(url, limit: SourceLimits().link) }
        }

        /// The leaves of rich text, in order; the depth of the body bounds the recursion.
        private func rich(_ element: JSONCursor) throws(SourceError) -> String {
            switch try element.string("type") {
            case "text": return try element.string("text")
            case "link":
                let (label, url) = (try element.string("text"), try element.string("url"))
                return label.isEmpty ? url : "\(label) (\(url))"
            case "emoji": return ":\(try element.string("name")):"
            case "user": return "@\(try element.string("user_id"))"
            case "broadcast": return "@\(try element.string("range"))"
            case "rich_text_list":
                var lines: [String] = []
                for item in try element.get("elements")?.list() ?? [] { lines.append("- " + (try rich(item))) }
                return lines.joined(separator: "\n")
            default:
                var text = ""
                for leaf in try element.get("elements")?.list() ?? [] { text += try rich(leaf) }
                return text
            }
        }

        mutating func take(attachment: JSONCursor, limits: SourceLimits) throws(SourceError) {
            let before = parts.count
            add(SlackText.plain(try attachment.string("pretext")))
            add(SlackText.plain(try attachment.string("title")))
            add(SlackText.plain(try attachment.string("text")))
            for field in try attachment.get("fields")?.list() ?? [] {
                let (title, value) = (SlackText.plain(try field.scalar("title")), SlackText.plain(try field.scalar("value")))
                add([title, value].filter { !$0.isEmpty }.joined(separator: ": "))
            }
            for block in try attachment.get("blocks")?.list() ?? [] { try take(block: block) }
            if parts.count == before { add(SlackText.plain(try attachment.string("fallback"))) }
            // "danger" and "warning" are Slack's own words; other colours say nothing that all agree on.
            let color = try attachment.string("color")
            if color != "good" { severity = max(severity, Severity(word: color)) }
            if link == nil { link = try attachment.link("title_link", limits: limits) }
        }
    }
}

/// A text as a headline and what follows.
enum FirstLine {
    /// The first line is the title; when it is too long for one, the text keeps all of it.
    static func split(_ text: String, limits: SourceLimits) -> (title: String, rest: String) {
        let lines = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: true)
        let first = lines.first.map(String.init) ?? ""
        let title = ChatText.line(first, limit: limits.title)
        if first.unicodeScalars.count > limits.title { return (title, text) }
        return (title, lines.count > 1 ? ChatText.block(lines[1], limit: limits.text) : "")
    }
}
