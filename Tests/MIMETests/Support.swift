import Foundation
import MIME
import Testing

/// The bytes of a text whose lines are ended by LF here and by CRLF there.
func crlf(_ text: String) -> [UInt8] {
    text.utf8.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }
}

/// The code of the error that the body throws, or nil if it throws none.
func code(_ body: () throws -> Void) -> MIMEError.Code? {
    do {
        try body()
        return nil
    } catch {
        return (error as? MIMEError)?.code
    }
}

/// A mail in Tests/MIMETests/Fixtures.
func fixture(_ name: String) throws -> [UInt8] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
    return [UInt8](try Data(contentsOf: folder.appending(path: name)))
}

/// Reads a mail written with LF line ends.
func read(_ text: String, limits: MailLimits = MailLimits()) throws -> ReadMail {
    try MailReader(limits: limits).read(crlf(text))
}

/// A predictable source of boundaries.
struct Counting: RandomNumberGenerator {
    private var last: UInt64 = 0
    mutating func next() -> UInt64 {
        last += 1
        return last &* 0x9E37_79B9_7F4A_7C15
    }
}

/// A mailbox that the test knows to be one.
func mailbox(_ address: String, name: String? = nil) throws -> Mailbox {
    try #require(Mailbox(address: address, name: name))
}

/// A mail from the bot to Carol.
func mail(subject: String? = "Hello", text: String = "Hello Carol.\n", attachments: [MailAttachment] = []) throws -> Mail {
    Mail(
        from: try mailbox("bot@example.test", name: "Bot"),
        to: [try mailbox("carol@example.test", name: "Carol")],
        subject: subject,
        date: 1_795_254_825,
        messageID: "one@example.test",
        text: text,
        attachments: attachments
    )
}

/// Composes with predictable boundaries.
func composed(_ mail: Mail) throws -> [UInt8] {
    var random = Counting()
    return try mail.composed(using: &random)
}
