/// Slack's mrkdwn as plain text: links and mentions are taken apart, escapes undone; asterisks and underscores stay as they are.
enum SlackText {
    /// `<https://a.example|the panel>` becomes `the panel (https://a.example)`, `<!here>` `@here`, `&amp;` `&`.
    static func plain(_ text: String) -> String {
        var output = ""
        var rest = Substring(text)
        while let open = rest.firstIndex(of: "<") {
            output += unescaped(rest[..<open])
            let inside = rest[rest.index(after: open)...]
            // What has no end, or goes over a line, is no link.
            guard let close = inside.firstIndex(where: { $0 == ">" || $0 == "<" || $0.isNewline }), inside[close] == ">" else {
                output += "<"
                rest = inside
                continue
            }
            output += link(inside[..<close])
            rest = inside[inside.index(after: close)...]
        }
        return output + unescaped(rest)
    }

    private static func link(_ inside: Substring) -> String {
        let parts = inside.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
        let target = unescaped(parts.first ?? "")
        let label = parts.count > 1 ? unescaped(parts[1]) : ""
        switch target.first {
        case "!":
            // <!here>, <!subteam^ID|@team>, <!date^…|Tuesday>
            return label.isEmpty ? "@\(target.dropFirst().prefix { $0 != "^" })" : label
        case "@", "#":
            return label.isEmpty ? String(target) : "\(target.prefix(1))\(label)"
        default:
            return label.isEmpty || label == target ? String(target) : "\(label) (\(target))"
        }
    }

    private static func unescaped(_ text: Substring) -> String {
        guard text.contains("&") else { return String(text) }
        return String(text).replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&amp;", with: "&")
    }
}
