import MIME
import Testing

@Suite struct MailComposerTests {
    /// The fixtures were read once with Python's `email` and mblaze, and show there what stands here.
    @Test func textAloneIsWrittenAsBefore() throws {
        var mail = try mail(
            subject: "Grüße aus Köln, mit einer Betreffzeile, die länger als eine Zeile ist 🎉",
            text: "Hallo Carol,\n\nein Gruß mit = und Leerzeichen am Ende \nFrom hier an\n.\n-- \nBot"
        )
        mail.cc = [try mailbox("dave@example.test", name: "Doe, \"Dave\""), try mailbox("erin@example.test")]
        mail.inReplyTo = "zero@example.test"
        mail.references = ["minus-one@example.test", "zero@example.test"]
        mail.autoSubmitted = .replied
        mail.autocrypt = "addr=bot@example.test; keydata=" + String(repeating: "mDMEawFmChYJKwYBBAHaRw8B", count: 20)
        #expect(try String(decoding: composed(mail), as: UTF8.self) == String(decoding: fixture("composed-text.eml"), as: UTF8.self))
    }

    @Test func attachmentsAreWrittenAsBefore() throws {
        let mail = try mail(
            subject: "Files",
            text: "日本語のテキスト\n",
            attachments: [
                MailAttachment(name: "a.bin", bytes: Array(0...255)),
                MailAttachment(name: "größe \"x\" 日本語のとても長いファイル名.txt", type: "text/plain", bytes: Array("Größe\n".utf8)),
                .publicKey(Array("-----BEGIN PGP PUBLIC KEY BLOCK-----\n".utf8), fingerprint: "ab12"),
                MailAttachment(name: nil, type: "message/rfc822", bytes: []),
            ]
        )
        #expect(try String(decoding: composed(mail), as: UTF8.self) == String(decoding: fixture("composed-files.eml"), as: UTF8.self))
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        var mail = try mail(
            subject: "=?utf-8?q?not_an_encoded_word?= and 🎉 " + String(repeating: "long ", count: 40) + "end",
            text: "first\n\nzweite Zeile mit Umlaut ü und Leerzeichen \n\tTab\nlast",
            attachments: [
                MailAttachment(name: "=?utf-8?q?odd?=.txt", type: "text/plain", bytes: Array("ünï".utf8)),
                MailAttachment(name: "b; \"quoted\".bin", bytes: Array(repeating: 0, count: 1000)),
                .publicKey(Array("key".utf8), fingerprint: "00FF"),
            ]
        )
        mail.from = try mailbox("bot@example.test", name: "=?utf-8?q?Mallory?= \"the bot\"")
        mail.to = try (0..<30).map { try mailbox("r\($0)@example.test", name: $0.isMultiple(of: 2) ? "Jürgen, der \($0)." : nil) }
        mail.cc = [try mailbox("\"odd one\"@example.test")]
        mail.messageID = "id-1@example.test"
        mail.inReplyTo = "id-0@example.test"
        mail.references = (0..<30).map { "id-\($0)@a-rather-long-name-of-a-domain.example.test" }
        mail.autocrypt = "addr=bot@example.test; prefer-encrypt=mutual; keydata=" + String(repeating: "AbC/", count: 500)
        let bytes = try composed(mail)
        let found = try MailReader().read(bytes)
        #expect(found.header.from == mail.from)
        #expect(found.header.to == mail.to)
        #expect(found.header.cc == mail.cc)
        #expect(found.header.subject == mail.subject)
        #expect(found.header.date == mail.date)
        #expect(found.header.messageID == mail.messageID)
        #expect(found.header.inReplyTo == ["id-0@example.test"])
        #expect(found.header.references == mail.references)
        #expect(found.header.autocrypt.map { $0.filter { $0 != " " } } == [try #require(mail.autocrypt).filter { $0 != " " }])
        #expect(found.header.problems.isEmpty)
        #expect(!found.header.isAutomatic)
        #expect(found.protection == .version1)
        #expect(found.text == mail.text)
        #expect(found.textOrigin == .plain)
        #expect(found.attachments == mail.attachments)
        // 7-bit, CRLF only, no line longer than RFC 5322 allows.
        #expect(bytes.allSatisfy { $0 < 0x80 })
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        #expect(lines.dropLast().allSatisfy { $0.last == 0x0D && !$0.dropLast().contains(0x0D) })
        #expect(lines.allSatisfy { $0.count <= 400 })
    }

    @Test(arguments: [
        "", "\n", "one", "one\n", "one\n\n\ntwo\n\n", "a \nb\t\n", ".\n..\n", "From x\n>From y\n", "--=_oxbow_\n", "ü", "日本語\n",
        String(repeating: "x", count: 5000), String(repeating: "é", count: 3000), "=\n==\n=3D\n",
    ])
    func textSurvivesToTheByte(text: String) throws {
        #expect(try MailReader().read(composed(mail(text: text))).text == text)
        let attachment = MailAttachment(name: "x", bytes: [1])
        #expect(try MailReader().read(composed(mail(text: text, attachments: [attachment]))).text == text)
    }

    @Test func lineEndsOfTextAreMadeOne() throws {
        #expect(try MailReader().read(composed(mail(text: "a\r\nb\rc\nd\u{2028}e\u{0}\u{1B}[31m"))).text == "a\nb\nc\nd\ne[31m")
    }

    @Test(arguments: [
        "bot@xn--example.test", "bot@xn--mnchen-3ya.example.test", "\"a b\"@example.test", "o'neil+x@example.test",
        "=?utf-8?q?a?=@example.test",
    ])
    func addressesAreWrittenAsTheyAre(address: String) throws {
        var mail = try mail()
        for name in [nil, "Bot", "Büro", "a, b", " ", String(repeating: "long ", count: 300)] {
            mail.from = try mailbox(address, name: name)
            let found = try MailReader().read(composed(mail)).header.from
            #expect(found?.address == mail.from.address)
            #expect(found?.name == name.flatMap { $0 == " " ? nil : $0.trimmingBlank })
        }
    }

    /// RFC 2047 § 2: a word has at most 75 characters; and none splits a character.
    @Test func encodedWordsAreShort() throws {
        let text = String(repeating: "日本🎉e\u{301}ü", count: 60)
        var mail = try mail(subject: text)
        mail.from = try mailbox("bot@example.test", name: text)
        let bytes = try composed(mail)
        let words = String(decoding: bytes, as: UTF8.self).split { $0 == " " || $0 == "\r\n" }.filter { $0.hasPrefix("=?") }
        #expect(words.count > 40)
        #expect(words.allSatisfy { $0.utf8.count <= 75 })
        #expect(try MailReader().read(bytes).header.subject == text)
        #expect(try MailReader().read(bytes).header.from?.name == text)
    }

    @Test func boundariesAreRandom() throws {
        let mail = try mail(attachments: [MailAttachment(name: "a", bytes: [])])
        #expect(try mail.composed() != mail.composed())
        #expect(try composed(mail) == composed(mail))
    }

    @Test(arguments: ["a\nb", "a\r\nBcc: x@example.org", "a\rb", "a\u{0}b", "a\u{1B}b", "a\u{85}b", "a\u{2028}b"])
    func nothingCanEndAField(text: String) throws {
        var inSubject = try mail(subject: text)
        #expect(code { _ = try composed(inSubject) } == .invalid)
        inSubject.subject = nil
        #expect(code { _ = try composed(inSubject) } == nil)
        var inName = try mail()
        inName.from = try mailbox("bot@example.test", name: text)
        #expect(code { _ = try composed(inName) } == .invalid)
        inName = try mail()
        inName.to.append(try mailbox("dave@example.test", name: text))
        #expect(code { _ = try composed(inName) } == .invalid)
        var inID = try mail()
        inID.messageID = text
        #expect(code { _ = try composed(inID) } == .invalid)
        inID = try mail()
        inID.inReplyTo = text
        #expect(code { _ = try composed(inID) } == .invalid)
        inID = try mail()
        inID.references = ["fine@example.test", text]
        #expect(code { _ = try composed(inID) } == .invalid)
        var inAutocrypt = try mail()
        inAutocrypt.autocrypt = "addr=x; keydata=" + text
        #expect(code { _ = try composed(inAutocrypt) } == .invalid)
        #expect(code { _ = try composed(mail(attachments: [MailAttachment(name: text, bytes: [])])) } == .invalid)
        #expect(code { _ = try composed(mail(attachments: [MailAttachment(name: nil, type: "text/\(text)", bytes: [])])) } == .invalid)
        #expect(Mailbox(address: "\(text)@example.org") == nil)
    }

    @Test func whatCantBeWrittenIsAnError() throws {
        var mail = try mail()
        mail.to = []
        #expect(code { _ = try composed(mail) } == .invalid)
        mail = try MIMETests.mail()
        mail.date = -1
        #expect(code { _ = try composed(mail) } == .invalid)
        mail.date = .max
        #expect(code { _ = try composed(mail) } == .invalid)
        mail = try MIMETests.mail(subject: String(repeating: "x", count: 3000))
        #expect(code { _ = try composed(mail) } == .tooBig)
        for id in ["<a@b>", "a b", "", "ä@b", String(repeating: "x", count: 513)] {
            mail = try MIMETests.mail()
            mail.messageID = id
            #expect(code { _ = try composed(mail) } == .invalid)
        }
        for type in ["", "text", "text/", "/plain", "text/plain; x=y", "a/b/c", "tëxt/plain"] {
            #expect(code { _ = try composed(MIMETests.mail(attachments: [MailAttachment(name: nil, type: type, bytes: [])])) } == .invalid)
        }
    }

    @Test func longThreadsKeepTheirFirstAndLastMails() throws {
        var mail = try mail()
        mail.references = (0..<500).map { "id-\($0)@example.test" }
        let references = try MailReader().read(composed(mail)).header.references
        #expect(references.count == 40)
        #expect(references.first == "id-0@example.test")
        #expect(references.last == "id-499@example.test")
        #expect(references.dropFirst().first == "id-461@example.test")
    }

    @Test func errorsSayNothingOfTheContent() throws {
        do {
            _ = try composed(mail(subject: "secret\nsubject"))
            Issue.record("composed")
        } catch {
            #expect(!"\(error)".contains("secret"))
        }
    }
}

extension String {
    fileprivate var trimmingBlank: String { hasSuffix(" ") ? String(dropLast()) : self }
}
