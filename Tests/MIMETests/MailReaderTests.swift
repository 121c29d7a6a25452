import MIME
import Testing

@Suite struct MailReaderTests {
    @Test func readsTheFieldsOfAConversation() throws {
        let mail = try read(
            """
            From: =?utf-8?q?J=C3=B6rg?= <jorg@example.test>
            To: Bot <bot@example.test>,
             "Doe, Jane" <jane@example.test>
            CC: erin@example.test
            Reply-To: team@example.test
            Subject: =?iso-8859-1?q?Gr=FC=DFe?= =?utf-8?b?IGF1cw==?=
             =?utf-8?q?_K=C3=B6ln?= hier
            Date: Sat, 21 Nov 2026 10:53:45 +0100
            Message-ID: <two@example.test>
            In-Reply-To: <one@example.test>
            References: <zero@example.test>
             <one@example.test>
            Autocrypt: addr=jorg@example.test; keydata=AAAA
             BBBB
            Content-Type: text/plain; charset=iso-8859-1; protected-headers="v1"
            Content-Transfer-Encoding: quoted-printable

            Gr=FC=DFe

            """
        )
        let header = mail.header
        #expect(header.from == (try mailbox("jorg@example.test", name: "Jörg")))
        #expect(header.to.map(\.address) == ["bot@example.test", "jane@example.test"])
        #expect(header.cc.map(\.address) == ["erin@example.test"])
        #expect(header.replyTo.map(\.address) == ["team@example.test"])
        #expect(header.subject == "Grüße aus Köln hier")
        #expect(header.date == 1_795_254_825)
        #expect(header.messageID == "two@example.test")
        #expect(header.inReplyTo == ["one@example.test"])
        #expect(header.references == ["zero@example.test", "one@example.test"])
        #expect(header.autocrypt == ["addr=jorg@example.test; keydata=AAAA BBBB"])
        #expect(header.problems.isEmpty)
        #expect(!header.isAutomatic)
        #expect(mail.protection == .version1)
        #expect(mail.text == "Grüße\n")
        #expect(mail.attachments.isEmpty)
    }

    @Test func aBareEntityHasNoFields() throws {
        let mail = try MailReader().read(Array("\r\nHello".utf8))
        #expect(mail == ReadMail(header: MailHeader(), text: "Hello", textOrigin: .plain))
        #expect(try MailReader().read([]) == ReadMail(header: MailHeader(), textOrigin: .plain))
    }

    @Test(arguments: ["protected-headers=\"v1\"", "protected-headers=v1", "hp=\"cipher\"", "hp=clear", "charset=utf-8", "x=\"hp=cipher\""])
    func protectionIsWhatTheRootSays(parameter: String) throws {
        let protection = try read("Content-Type: text/plain; \(parameter)\n\nx").protection
        let expected: HeaderProtection =
            switch parameter {
            case "hp=\"cipher\"": .cipher
            case "hp=clear": .clear
            case "charset=utf-8", "x=\"hp=cipher\"": .none
            default: .version1
            }
        #expect(protection == expected)
        #expect(protection.isPresent == (expected != .none))
    }

    @Test func protectionOfAPartIsNotTheMails() throws {
        let mail = try read(
            """
            Content-Type: multipart/mixed; boundary=b

            --b
            Content-Type: text/plain; protected-headers=v1
            From: mallory@example.test

            x
            --b--
            """
        )
        #expect(mail.protection == .none)
        #expect(mail.header.from == nil)
        #expect(mail.text == "x")
    }

    /// R22: what could name two people names nobody.
    @Test(arguments: [
        ("From: a@example.test\nFrom: b@example.test", "from"), ("From: a@example.test\nFROM : a@example.test", "from"),
        ("From: a@example.test, b@example.test", "from"), ("From: a@example.test <b@example.test>", "from"), ("From:", "from"),
        ("From: Team: a@example.test;", "from"), ("To: a@example.test\nTo: b@example.test", "to"),
        ("To: a@example.test; b@example.test", "to"),
        ("To: a@example.test, nonsense", "to"), ("Cc: a@example.test\nCc: b@example.test", "cc"), ("Subject: a\nSubject: b", "subject"),
        ("Date: yesterday", "date"), ("Date: Sat, 21 Nov 2026 09:53:45 -0000\nDate: Sat, 21 Nov 2026 09:53:45 -0000", "date"),
        ("Message-ID: none", "message-id"), ("Message-ID: <a@b> <c@d>", "message-id"), ("Message-ID: <a b@c>", "message-id"),
        ("References: <a@b> <c", "references"), ("In-Reply-To: <a@b>\nIn-Reply-To: <c@d>", "in-reply-to"),
        ("Reply-To: a@example.test\nReply-To: b@example.test", "reply-to"),
    ])
    func r22ConflictsAreNamedAndCountAsAbsent(fields: String, name: String) throws {
        let header = try read("\(fields)\n\nx").header
        #expect(header.problems == [name])
        #expect(header.from == nil && header.to.isEmpty && header.cc.isEmpty && header.replyTo.isEmpty)
        #expect(header.subject == nil && header.date == nil && header.messageID == nil)
        #expect(header.references.isEmpty && header.inReplyTo.isEmpty)
    }

    /// R22: who is named by the protected header, and by nothing else.
    @Test(arguments: [
        ("From: Carol <carol@example.test>\nTo: bot@Example.TEST", true),
        ("From: carol@example.test\nTo: x@example.test\nCc: Bot <bot@example.test>", true),
        ("From: carol@example.test\nTo: a@example.test, bot@example.test", true), ("From: carol@example.test", false),
        ("From: carol@example.test\nTo: carol@example.test", false), ("From: mallory@example.test\nTo: bot@example.test", false),
        ("From: \"carol@example.test\" <mallory@example.test>\nTo: bot@example.test", false),
        ("From: carol@example.test\nBcc: bot@example.test", false),
        ("From: carol@example.test\nTo: \"bot@example.test\" <x@example.test>", false), ("To: bot@example.test", false),
        ("From: carol@example.test\nFrom: mallory@example.test\nTo: bot@example.test", false),
        ("From: carol@example.test\nTo: x@example.test\nTo: y@example.test\nCc: bot@example.test", false),
        ("From: carol@example.test\nTo: Bot@example.test", false), ("From: carol@example.test.evil.test\nTo: bot@example.test", false),
    ])
    func r22OnlyTheProtectedHeaderAddresses(fields: String, isAddressed: Bool) throws {
        let (carol, bot) = (try mailbox("carol@example.test"), try mailbox("bot@example.test"))
        let protected = try read("Content-Type: text/plain; protected-headers=v1\n\(fields)\n\nx")
        #expect(protected.isAddressed(from: carol, to: bot) == isAddressed)
        #expect(try !read("Content-Type: text/plain\n\(fields)\n\nx").isAddressed(from: carol, to: bot))
    }

    @Test func nobodyIsNoProblem() throws {
        let header = try read("From: a@example.test\nTo: undisclosed-recipients:;\nCc:\n\nx").header
        #expect(header.problems.isEmpty)
        #expect(header.to.isEmpty && header.cc.isEmpty)
    }

    /// R22: mail of programs and lists is never answered.
    @Test(arguments: [
        ("Auto-Submitted: auto-replied", AutomaticMail.autoSubmitted), ("Auto-Submitted: Auto-Generated; x=y", .autoSubmitted),
        ("auto-submitted: no\nAuto-Submitted: auto-notified", .autoSubmitted), ("List-Id: <x.example.test>", .list),
        ("List-Unsubscribe: <mailto:x@example.test>", .list), ("Precedence: bulk", .precedence), ("PRECEDENCE: Junk", .precedence),
        ("Precedence: list", .precedence), ("Return-Path: <>", .nullSender), ("Return-Path: < >", .nullSender),
    ])
    func r22AutomaticMailIsKnown(field: String, mark: AutomaticMail) throws {
        #expect(try read("\(field)\n\nx").header.automatic == mark)
    }

    @Test(arguments: ["Auto-Submitted: no", "Auto-Submitted: NO (person)", "Precedence: first-class", "Return-Path: <a@example.test>"])
    func personsMailIsNotAutomatic(field: String) throws {
        #expect(try !read("\(field)\n\nx").header.isAutomatic)
    }

    @Test func alternativesGiveThePlainText() throws {
        let mail = try read(
            """
            Content-Type: multipart/mixed; boundary="outer"

            This is MIME.
            --outer
            Content-Type: multipart/alternative; boundary="outer2"

            --outer2
            Content-Type: text/html

            <p>HTML</p>
            --outer2
            Content-Type: text/plain

            plain
            --outer2
            Content-Type: text/calendar

            BEGIN:VCALENDAR
            --outer2--
            --outer
            Content-Type: application/pdf; name="../../etc/x.pdf"
            Content-Transfer-Encoding: base64

            UERG
            --outer
            Content-Type: text/plain

            a footer
            --outer--
            ignored
            """
        )
        #expect(mail.text == "plain")
        #expect(mail.textOrigin == .plain)
        #expect(
            mail.attachments == [
                MailAttachment(name: nil, type: "text/calendar", bytes: Array("BEGIN:VCALENDAR".utf8)),
                MailAttachment(name: "x.pdf", type: "application/pdf", bytes: Array("PDF".utf8)),
                MailAttachment(name: nil, type: "text/plain", bytes: Array("a footer".utf8)),
            ]
        )
    }

    @Test func mailOfHTMLAloneBecomesText() throws {
        let mail = try read(
            """
            Content-Type: multipart/related; boundary=r

            --r
            Content-Type: text/html; charset=utf-8

            <style>p{}</style><p>Hello <a href="https://example.test/x">there</a></p><script>alert(1)</script>
            --r
            Content-Type: image/png
            Content-ID: <i@example.test>
            Content-Transfer-Encoding: base64

            iVBORw==
            --r--
            """
        )
        #expect(mail.text == "Hello there <https://example.test/x>")
        #expect(mail.textOrigin == .html)
        #expect(mail.attachments.map(\.type) == ["image/png"])
    }

    @Test func aForwardedMailIsAFile() throws {
        let forwarded = "From: mallory@example.test\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nevil\n--b--"
        let mail = try read(
            "Content-Type: multipart/mixed; boundary=a\n\n--a\n\nhello\n--a\nContent-Type: message/rfc822\n\n\(forwarded)\n--a--\n"
        )
        #expect(mail.text == "hello")
        #expect(mail.attachments == [MailAttachment(name: nil, type: "message/rfc822", bytes: crlf(forwarded))])
        let digest = try read("Content-Type: multipart/digest; boundary=a\n\n--a\n\n\(forwarded)\n--a--\n")
        #expect(digest.text.isEmpty)
        #expect(digest.attachments.map(\.type) == ["message/rfc822"])
    }

    @Test func aTextFileIsNotTheText() throws {
        let mail = try read(
            """
            Content-Type: multipart/mixed; boundary=b

            --b
            Content-Type: text/plain
            Content-Disposition: attachment

            one
            --b
            Content-Type: text/plain; name=two.txt

            two
            --b
            Content-Disposition: inline

            the text
            --b--
            """
        )
        #expect(mail.text == "the text")
        #expect(mail.attachments.map(\.name) == [nil, "two.txt"])
    }

    @Test func copiesOfTheHeaderForOldReadersAreLeftOut() throws {
        let old = try read(
            """
            Content-Type: multipart/mixed; boundary=b; protected-headers="v1"
            Subject: real

            --b
            Content-Type: text/rfc822-headers; protected-headers="v1"

            Subject: real
            --b
            Content-Type: text/plain

            hello
            --b--
            """
        )
        #expect(old.text == "hello")
        #expect(old.attachments.isEmpty)
        let new = try read("Content-Type: text/plain; hp=cipher; hp-legacy-display=1\nSubject: real\n\nSubject: real\n\nhello\n\nbye")
        #expect(new.text == "hello\n\nbye")
        #expect(try read("Content-Type: text/plain; hp-legacy-display=1\n\nSubject: x\n\nhello").text == "Subject: x\n\nhello")
    }

    @Test func flowedTextIsJoined() throws {
        let mail = try read(
            "Content-Type: text/plain; format=flowed\n\na long \nparagraph\n\n> quoted \n> more\n>> deeper \nnew\n From here\n-- \nCarol \nC."
        )
        #expect(mail.text == "a long paragraph\n\n> quoted more\n>> deeper \nnew\nFrom here\n-- \nCarol C.")
        let deleted = try read("Content-Type: text/plain; format=Flowed; DelSp=Yes\n\n日本 \n語")
        #expect(deleted.text == "日本語")
    }

    @Test(
        arguments: [
            ("utf-8", [0x47, 0xC3, 0xBC], "Gü"), ("UTF8", [0x47, 0xFF], "G\u{FFFD}"), ("iso-8859-1", [0xFC, 0x80], "ü€"),
            ("windows-1252", [0x93, 0x94], "“”"), ("iso-8859-15", [0xA4], "€"), ("koi8-r", [0xF0, 0xF2], "ПР"),
            ("shift_jis", [0x93, 0xFA, 0x96, 0x7B], "日本"), ("iso-2022-jp", [0x1B, 0x24, 0x42, 0x46, 0x7C, 0x1B, 0x28, 0x42, 0x61], "日a"),
            ("gb2312", [0xC4, 0xE3], "你"), ("big5", [0xA7, 0x41], "你"), ("euc-kr", [0xC7, 0xD1], "한"),
            ("utf-16", [0xFF, 0xFE, 0x41, 0x00], "A"),
            ("us-ascii", [0x47, 0xC3, 0xBC], "Gü"), ("us-ascii", [0x47, 0xFC], "Gü"),
            // Unknown, or known too well: the bytes are taken for what they look like.
            ("utf-7", [0x2B, 0x41, 0x44, 0x77, 0x2D], "+ADw-"), ("x-unknown", [0x61, 0xFC], "aü"), ("../../gconv/x", [0x61], "a"),
            ("iso-2022-cn-ext", [0x61], "a"), ("utf-8//translit", [0x61], "a"), ("", [0x61], "a"), ("shift_jis", [0x93], "\u{FFFD}"),
        ] as [(String, [UInt8], String)]
    )
    func charsetsBecomeUTF8(charset: String, bytes: [UInt8], text: String) throws {
        let mail = try MailReader().read(Array("Content-Type: text/plain; charset=\"\(charset)\"\r\n\r\n".utf8) + bytes)
        #expect(mail.text == text)
    }

    @Test(
        arguments: [
            ("base64", "SGVs\nbG8=", "Hello"), ("BASE64", "SGVsbG8", "Hello"), ("base64", "SG!!Vs*bG8=", "Hello"), ("base64", "!!!!", ""),
            ("base64", "SGVsbG8=SGVsbG8=", nil), ("quoted-printable", "a=3Db=\nc", "a=bc"), ("quoted-printable", "a=ZZb=", nil),
            ("7bit", "a=3Db", "a=3Db"), ("8bit", "ü", "ü"), ("x-unknown", "abc", "abc"), ("x-uuencode", "abc", "abc"),
        ] as [(String, String, String?)]
    )
    func transferEncodingsAreUndone(name: String, body: String, text: String?) throws {
        let mail = try read("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: \(name)\n\n\(body)")
        // Broken encodings give something short; which bytes isn't promised.
        if let text { #expect(mail.text == text) } else { #expect(mail.text.utf8.count <= body.utf8.count) }
    }

    @Test func lineEndsMayBeLF() throws {
        let text = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n\n--b\nContent-Type: a/b\n\n\n--b--\n"
        let mail = try MailReader().read(Array(text.utf8))
        #expect(mail.text == "one\n")
        #expect(mail.attachments == [MailAttachment(name: nil, type: "a/b", bytes: [])])
        #expect(try read(text) == mail)
    }

    @Test func aBoundaryIsTakenAsItStands() throws {
        let mail = try read(
            "Content-Type: multipart/mixed; boundary=\"=?utf-8?q?b?=\"\n\n--b\n\nevil\n--=?utf-8?q?b?=\n\ngood\n--=?utf-8?q?b?=--"
        )
        #expect(mail.text == "good")
    }

    @Test func boundariesThatBeginAlikeAreTwo() throws {
        let mail = try read(
            "Content-Type: multipart/mixed; boundary=b\n\n--b \t\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n\none --b\n--b1\n--bb--\n--b--"
        )
        #expect(mail.text == "one --b\n--b1")
    }
}
