/// Walks through the parts of one mail and sorts them into text and files.
struct PartWalk {
    /// What a part, with all in it, holds.
    struct Contents {
        var plain: String?
        /// Already turned into text.
        var html: String?
        var attachments: [MailAttachment] = []
    }

    private let limits: MailLimits
    private let protection: HeaderProtection
    private var counter: PartCounter
    private var decoded = 0
    private var attachments = 0

    init(_ limits: MailLimits, protection: HeaderProtection) {
        self.limits = limits
        self.protection = protection
        counter = PartCounter(limits)
    }

    /// - Parameter depth: 1 for the root.
    mutating func contents(of entity: Entity, _ type: ParameterValue, depth: Int) throws(MIMEError) -> Contents {
        guard depth <= limits.depth else { throw MIMEError(.tooDeep, "The mail's parts nest deeper than \(limits.depth).") }
        guard type.main.hasPrefix("multipart/") else { return try leaf(entity, type) }
        var parts = try entity.parts(type["boundary"], counter: &counter)
        // Older Enigmail and Thunderbird put a copy of the protected fields first, for readers who don't know them.
        if depth == 1, protection.isPresent, parts.count > 1, let first = parts.first, try Self.isLegacyDisplay(first) {
            parts.removeFirst()
        }
        var result = Contents()
        for part in parts {
            let partType = try type.main == "multipart/digest" && part.values("content-type").isEmpty ? Self.digested : part.contentType()
            let one = try contents(of: part, partType, depth: depth + 1)
            if type.main == "multipart/alternative" {
                result.plain = result.plain ?? one.plain
                result.html = result.html ?? one.html
                result.attachments += one.attachments
            } else {
                merge(one, into: &result)
            }
        }
        return result
    }

    private static let digested = ParameterValue.contentType("message/rfc822")

    /// Parts one behind the other: the first text is the mail's.
    private func merge(_ one: Contents, into result: inout Contents) {
        let isFirst = result.plain == nil && result.html == nil
        if isFirst {
            result.plain = one.plain
            result.html = one.html
        } else if let text = one.plain ?? one.html {
            result.attachments.append(MailAttachment(name: nil, type: "text/plain", bytes: Array(text.utf8)))
        }
        result.attachments += one.attachments
    }

    private mutating func leaf(_ entity: Entity, _ type: ParameterValue) throws(MIMEError) -> Contents {
        let disposition = entity.values("content-disposition").first.map(ParameterValue.disposition)
        let name = (disposition?.shown("filename") ?? type.shown("name")).flatMap(FileName.harmless)
        let content = try entity.content()
        decoded += content.count
        guard decoded <= limits.decodedBytes else {
            throw MIMEError(.tooBig, "The mail's content is longer than \(limits.decodedBytes) bytes in all.")
        }
        let isText = type.main == "text/plain" || type.main == "text/html"
        if isText, name == nil, disposition?.main != "attachment" {
            let text = try Charset.text(content[...], label: type["charset"], limit: limits.textBytes)
            return type.main == "text/html" ? Contents(html: HTMLText.text(of: text)) : Contents(plain: shown(text, type))
        }
        attachments += 1
        guard attachments <= limits.attachments else {
            throw MIMEError(.tooMany, "The mail has more than \(limits.attachments) attachments.")
        }
        guard content.count <= limits.attachmentBytes else {
            throw MIMEError(.tooBig, "An attachment of the mail is longer than \(limits.attachmentBytes) bytes.")
        }
        return Contents(attachments: [MailAttachment(name: name, type: type.main, bytes: content)])
    }

    private func shown(_ text: String, _ type: ParameterValue) -> String {
        var text = text
        if protection.isPresent, type["hp-legacy-display"] == "1" { text = PlainText.withoutLegacyDisplay(text) }
        if type["format"]?.lowercased() == "flowed" {
            text = PlainText.unflowed(text, deletesSpace: type["delsp"]?.lowercased() == "yes")
        }
        return text
    }

    private static func isLegacyDisplay(_ part: Entity) throws(MIMEError) -> Bool {
        let type = try part.contentType()
        return type["protected-headers"] == "v1" && ["text/plain", "text/rfc822-headers"].contains(type.main)
    }
}
