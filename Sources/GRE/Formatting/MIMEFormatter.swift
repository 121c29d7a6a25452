public import MIME
public import OX
import OpenPGP
public import XML
import XMPP

/// `urn:xmpp:gre:formatter:mime:0`: payloads as mails with protected headers (GRE Formatter: MIME).
///
/// Carried are `<body/>`, `<subject/>`, `<thread/>` and ``AttachedFile``; anything else is an error that names it, since a mail would lose it.
public struct MIMEFormatter: GatewayFormatter {
    /// The namespace, which accounts announce.
    public static let namespace = "urn:xmpp:gre:formatter:mime:0"

    /// `mime`.
    public let name = "mime"
    /// 0.
    public let version = 0
    /// What a mail may cost.
    public var limits: MailLimits
    /// Whether mails say that a program wrote them (RFC 3834), so that others' programs don't answer them.
    public var marksAutomatic: Bool

    /// Makes the formatter.
    public init(limits: MailLimits = MailLimits(), marksAutomatic: Bool = true) {
        self.limits = limits
        self.marksAutomatic = marksAutomatic
    }

    /// Texts as they are, and files as the base64 that they are in an element and in a mail.
    public func leastBytes(of payload: [Element]) -> Int {
        payload.reduce(0) { $0 + $1.text.utf8.count }
    }

    /// Writes a mail: From is the gateway's `sender_id`, Message-ID the origin-id at its domain (R21); References the thread and what is
    /// answered, In-Reply-To the last of it; our key as an Autocrypt field, and as a file on first contact (R23).
    public func format(_ message: OutgoingContent) throws(SealError) -> [UInt8] {
        guard let from = Mailbox(address: message.data.senderID) else {
            throw SealError(.noGatewayData, "the gateway's sender_id is no mail address")
        }
        guard let to = Mailbox(address: message.recipient.text) else {
            throw SealError(.recipientAddress, "\(message.recipient) names no mail address")
        }
        var mail = Mail(from: from, to: [to], date: message.time, text: "")
        try fill(&mail, message.payload)
        mail.subject = mail.subject ?? "Message from \(from.address)"
        mail.messageID = "\(message.id)@\(from.domain)"
        if let id = mail.messageID, !MessageID.isValid(id) {
            throw SealError(.payload, "the message's id can't stand in a Message-ID: give it printable ASCII characters only")
        }
        mail.references = MailThread.references(of: message.thread, answering: message.references, domain: from.domain)
        mail.inReplyTo = mail.references.last
        if marksAutomatic { mail.autoSubmitted = message.thread == nil ? .generated : .replied }
        if let key = message.key {
            mail.autocrypt = key.autocrypt().value
            if message.introducesKey {
                mail.attachments.append(.publicKey(Array(key.armored.utf8), fingerprint: key.fingerprint.hex))
            }
        }
        do {
            return try mail.composed()
        } catch {
            throw SealError(.payload, "this can't be written as a mail: \(error.message)")
        }
    }

    private func fill(_ mail: inout Mail, _ payload: [Element]) throws(SealError) {
        let bodies = payload.filter { $0.isMail("body") }
        // Several bodies are one text in several languages (RFC 6121 § 5.2.3); a mail has one.
        let body = bodies.first { $0.attributes[Name("lang", Element.xmlNamespace)] == nil } ?? bodies.first
        for element in payload {
            if element.isMail("body") || element.isMail("thread") {
                continue
            } else if element.isMail("subject") {
                guard mail.subject == nil else { throw SealError(.payload, "there are several <subject/> elements; a mail has one") }
                mail.subject = element.text.isEmpty ? nil : element.text
            } else if element.is(AttachedFile.local, AttachedFile.namespace) {
                guard let file = AttachedFile(element) else {
                    throw SealError(.payload, "an <attachment/> is not base64, or its size is not what it says")
                }
                mail.attachments.append(.init(name: file.name, type: file.type, bytes: file.bytes))
            } else {
                throw SealError(
                    .payload,
                    "<\(element.local) xmlns='\(element.namespace)'/> can't be sent by mail: only body, subject, thread and attachment can"
                )
            }
        }
        guard body != nil || mail.subject != nil || !mail.attachments.isEmpty else {
            throw SealError(.payload, "there is nothing to send: no body, no subject and no attachment")
        }
        mail.text = body?.text ?? ""
    }

    /// The first part of a multipart/signed mail (RFC 3156 § 5), which may be what was encrypted (§ 6.1).
    public func signedPart(of content: [UInt8]) throws(OpenRefusal) -> SignedPart? {
        do {
            guard case .signed(let signed) = try PGPStructure.of(content, limits: limits) else { return nil }
            return SignedPart(content: signed.content, signature: signed.signature)
        } catch {
            throw OpenRefusal(.gatewayContent, error.message)
        }
    }

    /// Reads a mail: its text as `<body/>`, its subject, its files. A mail of files, or of a subject, has an empty text, so that whoever takes
    /// bodies gets it.
    public func parse(_ content: [UInt8]) throws(OpenRefusal) -> IncomingContent {
        let mail: ReadMail
        do {
            mail = try MailReader(limits: limits).read(content)
        } catch {
            throw OpenRefusal(.gatewayContent, error.message)
        }
        let header = mail.header
        var payload: [Element] = []
        let subject = header.subject.flatMap { $0.isEmpty ? nil : $0 }
        if !mail.text.isEmpty || !mail.attachments.isEmpty || subject != nil {
            payload.append(Element("body", Namespace.client, text: XMLText.cleaned(mail.text)))
        }
        if let subject { payload.append(Element("subject", Namespace.client, text: XMLText.cleaned(subject))) }
        payload += mail.attachments.map {
            AttachedFile(name: $0.name.map(XMLText.cleaned), type: XMLText.cleaned($0.type), bytes: $0.bytes).element
        }
        let author: IncomingContent.Author =
            if let from = header.from { .one(from.address) } else if header.problems.contains("from") { .unclear } else { .none }
        return IncomingContent(
            payload: payload,
            author: author,
            recipients: (header.to + header.cc).map(\.address),
            date: header.date,
            thread: MailThread.thread(of: header),
            references: MailThread.references(toAnswer: header),
            isAutomatic: header.isAutomatic,
            autocrypt: header.autocrypt
        )
    }

    /// Whether it is exactly one mail address, without a name.
    public func accepts(senderID: String) -> Bool { Mailbox(address: senderID) != nil }

    /// Whether both are the same mailbox: the domain without regard to case.
    public func isSame(_ one: String, _ other: String) -> Bool {
        guard let one = Mailbox(address: one), let other = Mailbox(address: other) else { return false }
        return one.isSame(as: other)
    }
}

extension Element {
    fileprivate func isMail(_ local: String) -> Bool { self.is(local, Namespace.client) || self.is(local, Namespace.server) }
}
