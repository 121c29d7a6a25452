extension MailHeader {
    /// Reads the fields of a root.
    init(_ root: Entity, limits: MailLimits) {
        var reader = FieldReader(root)
        let most = limits.addresses
        from = reader.single("from") { Mailbox(parsing: $0) }
        to = reader.single("to") { Self.recipients($0, most) } ?? []
        cc = reader.single("cc") { Self.recipients($0, most) } ?? []
        replyTo = reader.single("reply-to") { AddressSyntax.list($0, most: most) } ?? []
        subject = reader.single("subject") { HeaderCoding.text($0) }
        date = reader.single("date") { HeaderCoding.date($0) }
        messageID = reader.single("message-id") { value in
            MessageID.list(value, most: 1).flatMap { $0.count == 1 ? $0.first : nil }
        }
        inReplyTo = reader.single("in-reply-to") { MessageID.list($0, most: most) } ?? []
        references = reader.single("references") { MessageID.list($0, most: most) } ?? []
        // A second Sender or Resent field changes nothing here; a second author would.
        // Python's email writes long values as encoded words.
        autocrypt = root.values("autocrypt").map(HeaderCoding.text)
        automatic = AutomaticMail(root)
        problems = reader.problems
    }

    /// A list of recipients; `undisclosed-recipients:;` and other groups without members name nobody, which is no problem.
    private static func recipients(_ value: String, _ most: Int) -> [Mailbox]? {
        if value.isEmpty { return [] }
        if value.hasSuffix(":;"), !value.dropLast(2).contains(where: { "\"<>@,:;()".contains($0) }) { return [] }
        return AddressSyntax.list(value, most: most)
    }
}

/// Takes fields out of a header that may stand in it only once (RFC 5322 § 3.6).
private struct FieldReader {
    let root: Entity
    var problems: Set<String> = []

    init(_ root: Entity) { self.root = root }

    mutating func single<Value>(_ name: String, _ read: (String) -> Value?) -> Value? {
        let values = root.values(name)
        guard let only = values.first else { return nil }
        guard values.count == 1, let value = read(only) else {
            problems.insert(name)
            return nil
        }
        return value
    }
}

extension AutomaticMail {
    /// What marks the header so, if anything does.
    init?(_ root: Entity) {
        let words = { (name: String) in
            root.values(name).map { $0.lowercased().prefix { $0 != ";" && $0 != " " && $0 != "\t" && $0 != "(" } }
        }
        if root.values("return-path").contains(where: { $0.utf8.filter { $0 != 0x20 }.elementsEqual("<>".utf8) }) {
            self = .nullSender
        } else if words("auto-submitted").contains(where: { $0 != "no" }) {
            self = .autoSubmitted
        } else if root.fields.contains(where: { Self.listFields.contains($0.name) }) {
            self = .list
        } else if words("precedence").contains(where: { ["bulk", "junk", "list", "auto_reply"].contains($0) }) {
            self = .precedence
        } else {
            return nil
        }
    }

    private static let listFields: Set<String> = ["list-id", "list-post", "list-unsubscribe", "list-help", "mailing-list"]
}

extension HeaderProtection {
    /// What the root's Content-Type says.
    init(_ type: ParameterValue) {
        switch (type["hp"]?.lowercased(), type["protected-headers"]?.lowercased()) {
        case ("cipher", _): self = .cipher
        case ("clear", _): self = .clear
        case (_, "v1"): self = .version1
        default: self = .none
        }
    }
}
