import MIME
import Testing

/// Mails that the public gateway and what is behind it really made.
@Suite struct LiberviaTests {
    @Test func theDocumentInsideAnEncryptedMail() throws {
        let mail = try MailReader().read(fixture("libervia-document.eml"))
        #expect(mail.header.from?.address == "bot@example.test")
        #expect(mail.header.subject == "the inner subject")
        #expect(mail.text.hasPrefix("attack at dawn "))
        #expect(mail.attachments == [MailAttachment(name: "a.bin", bytes: Array("attached bytes \u{0}\u{1}".utf8))])
        #expect(mail.protection == .none)
    }

    @Test func anAttachment() throws {
        let mail = try MailReader().read(fixture("inbound-attachment.eml"))
        #expect(mail.text == "See the attachment.\n")
        #expect(mail.attachments == [MailAttachment(name: "x.pdf", type: "application/pdf", bytes: Array("PDF?".utf8))])
    }

    @Test func anAutocryptField() throws {
        let mail = try MailReader().read(fixture("inbound-autocrypt.eml"))
        #expect(mail.header.autocrypt.count == 1)
        #expect(mail.header.autocrypt.first?.hasPrefix("addr=carol@example.test; keydata=mDMEawFmChYJKwYBBAHaRw8BAQdAH1btA47") == true)
        #expect(mail.header.inReplyTo == ["orig-3bcfc9eb-bcd8-4e6b-9542-540257330976@example.test"])
    }

    @Test func severalRecipients() throws {
        let mail = try MailReader().read(fixture("deaf-two-to.eml"))
        #expect(mail.header.to.map(\.address) == ["bot@example.test", "dave@example.test"])
    }
}
