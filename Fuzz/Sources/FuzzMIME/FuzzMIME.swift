import MIME

/// Mails from strangers: whatever comes, an answer within the limits and no crash; and what was read can be written and read again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let limits = MailLimits(bytes: 1 << 20, textBytes: 1 << 18, attachmentBytes: 1 << 19, decodedBytes: 1 << 20)
    _ = try? PGPStructure.of(bytes, limits: limits)
    _ = InlinePGP.message(in: String(decoding: bytes, as: UTF8.self))
    _ = Mailbox(userID: String(decoding: bytes, as: UTF8.self))
    guard let read = try? MailReader(limits: limits).read(bytes) else { return 0 }
    guard read.text.utf8.count <= limits.textBytes * 2, read.attachments.allSatisfy({ $0.bytes.count <= limits.attachmentBytes }) else {
        fatalError("a limit does not hold")
    }
    guard let from = read.header.from else { return 0 }
    let mail = Mail(
        from: from,
        to: [from],
        cc: read.header.cc,
        subject: read.header.subject,
        date: max(0, read.header.date ?? 0),
        messageID: read.header.messageID,
        references: Array(read.header.references.prefix(40)),
        text: read.text,
        attachments: read.attachments
    )
    guard let composed = try? mail.composed() else { return 0 }
    guard let again = try? MailReader().read(composed) else { fatalError("what was written can't be read") }
    guard again.header.from?.comparable == from.comparable, again.header.cc.map(\.comparable) == mail.cc.map(\.comparable),
        again.header.references == mail.references
    else { fatalError("people or the thread change when a mail is written and read") }
    guard again.text == mail.text else { fatalError("the text changes when a mail is written and read") }
    guard again.attachments.map(\.bytes) == mail.attachments.map(\.bytes) else {
        fatalError("files change when a mail is written and read")
    }
    return 0
}
