import Oxbow

/// How a message reads on the other side: the sender's name first, and nothing below that could be taken for another one.
///
///     carol@example.org (Lunch): At noon?
///     [not carried: menu.pdf, application/pdf, 48213 bytes]
struct RelayedText {
    /// The text, with the name.
    let text: String

    /// Names a message's sender.
    ///
    /// - Parameters:
    ///   - name: The sender's address, as the other side knows such addresses.
    ///   - text: What they wrote.
    ///   - subject: What is to be told of a subject, if anything.
    ///   - isVerified: Whether a key of theirs has signed it.
    ///   - files: What came with it, and stays behind: OX has no attachments.
    init(name: String, text: String, subject: String? = nil, isVerified: Bool = true, files: [FileAttachment] = []) {
        let notes = [isVerified ? nil : "unverified", subject.map(Self.plain)].compactMap(\.self).joined(separator: "; ")
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
        while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
        let head = name + (notes.isEmpty ? "" : " (\(notes))") + ": " + (lines.first ?? "(no text)")
        // What looks like a name of ours, further down, isn't: it is quoted.
        let rest = lines.dropFirst().map { Self.withoutName($0[...]) == nil && !$0.hasPrefix(Self.fileMark) ? $0 : "> " + $0 }
        let marks = files.map { file in
            "\(Self.fileMark) \(file.name.map(Self.plain) ?? "a file without a name"), \(Self.plain(file.type)), \(file.bytes.count) bytes]"
        }
        self.text = ([head] + rest + marks).joined(separator: "\n")
    }

    /// How many names stand before a text: how many relays it has gone through, if they are like this one.
    static func names(before text: String) -> Int {
        var rest = text.prefix { !$0.isNewline }
        var count = 0
        while let next = withoutName(rest) {
            count += 1
            rest = next
        }
        return count
    }

    private static let fileMark = "[not carried:"

    /// The rest of a line that begins with a name as we write it; `nil` for any other.
    private static func withoutName(_ line: Substring) -> Substring? {
        guard let end = line.firstIndex(where: { $0.isWhitespace || $0 == ":" }) else { return nil }
        let name = line[..<end]
        guard name.contains("@") else { return nil }
        var rest = line[end...]
        if rest.hasPrefix(" ("), let close = rest.firstIndex(of: ")") { rest = rest[rest.index(after: close)...] }
        guard rest.first == ":" else { return nil }
        return rest.dropFirst().drop(while: \.isWhitespace)
    }

    /// On one line, not too long, and without what closes a note.
    private static func plain(_ text: String) -> String {
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(120)
        return String(words.map { $0 == "(" || $0 == "[" ? "{" : $0 == ")" || $0 == "]" ? "}" : $0 })
    }
}
