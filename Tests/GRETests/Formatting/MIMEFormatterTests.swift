import GRE
import MIME
import OX
import Testing
import XML
import XMPP

@Suite("Payloads as mails") struct MIMEFormatterTests {
    private let formatter = MIMEFormatter()
    private let subject = Element("subject", Namespace.client, text: "Disk full")

    private func write(
        _ payload: [Element],
        thread: String? = nil,
        references: [String] = [],
        id: String = "m-1"
    ) throws -> ReadMail {
        let content = OutgoingContent(
            payload: payload,
            id: id,
            recipient: try LegacyAddress(jid: carolJID),
            data: try GatewayData(TestNetwork.data([botMail])),
            thread: thread,
            references: references,
            time: 1_790_000_000
        )
        return try MailReader().read(try formatter.format(content))
    }

    @Test("Body, subject and files become a mail from sender_id, and the same payload again")
    func roundTrip() throws {
        let file = AttachedFile(name: "größe.bin", type: "application/x-test", bytes: [0, 1, 2, 255])
        let mail = try write([body("Grüße\nzweite Zeile"), subject, file.element])
        #expect(mail.header.from == Mailbox(address: botMail))
        #expect(mail.header.to == [try #require(Mailbox(address: "carol@example.org"))])
        #expect(mail.header.date == 1_790_000_000)
        #expect(mail.header.messageID == "m-1@mail.example")
        #expect(mail.protection.isPresent)
        let content = OutgoingContent(
            payload: [body("Grüße\nzweite Zeile"), subject, file.element],
            id: "m-1",
            recipient: try LegacyAddress(jid: carolJID),
            data: try GatewayData(TestNetwork.data([botMail])),
            time: 0
        )
        let back = try formatter.parse(try formatter.format(content))
        #expect(back.payload.filter { $0.local == "subject" } == [subject])
        #expect(back.payload.first { $0.local == "body" }?.text.hasPrefix("Grüße\nzweite Zeile") == true)
        #expect(back.payload.compactMap { AttachedFile($0) } == [file])
        #expect(back.author == .one(botMail) && back.recipients == ["carol@example.org"])
        #expect(back.isAutomatic)
    }

    @Test("R21: thread and References stand for each other")
    func threads() throws {
        let own = try write([body("x")], thread: "q1@example.org")
        #expect(own.header.references == ["q1@example.org"] && own.header.inReplyTo == ["q1@example.org"])
        let derived = try write([body("x")], thread: "e0ffe42b-a thread, with spaces")
        let id = try #require(derived.header.references.first)
        #expect(id.hasPrefix("thread-") && id.hasSuffix("@mail.example"))
        #expect(try write([body("y")], thread: "e0ffe42b-a thread, with spaces").header.references == [id])
        #expect(try write([body("y")], thread: id).header.references == [id])
        #expect(try write([body("y")]).header.references == [])
        func thread(_ fields: String) throws -> String? {
            try formatter.parse(Array("\(fields)From: a@b.test\r\nContent-Type: text/plain\r\n\r\nx\r\n".utf8)).thread
        }
        #expect(try thread("Message-ID: <3@b>\r\nReferences: <1@b> <2@b>\r\nIn-Reply-To: <2@b>\r\n") == "1@b")
        #expect(try thread("Message-ID: <3@b>\r\nIn-Reply-To: <2@b>\r\n") == "2@b")
        #expect(try thread("Message-ID: <3@b>\r\n") == "3@b")
    }

    @Test("RFC 5322 § 3.6.4: an answer names what the mail names and the mail; what is answered comes last, the thread first")
    func references() throws {
        func answer(_ fields: String) throws -> [String] {
            let read = try formatter.parse(Array("\(fields)From: a@b.test\r\nContent-Type: text/plain\r\n\r\nx\r\n".utf8))
            let mail = try write([body("y")], thread: read.thread, references: read.references)
            #expect(mail.header.inReplyTo == mail.header.references.suffix(1))
            return mail.header.references
        }
        #expect(try answer("Message-ID: <3@b>\r\nReferences: <1@b> <2@b>\r\nIn-Reply-To: <2@b>\r\n") == ["1@b", "2@b", "3@b"])
        #expect(try answer("Message-ID: <3@b>\r\nIn-Reply-To: <2@b>\r\n") == ["2@b", "3@b"])
        #expect(try answer("Message-ID: <3@b>\r\nIn-Reply-To: <1@b> <2@b>\r\n") == ["1@b", "3@b"], "what is first has given the thread")
        #expect(try answer("Message-ID: <3@b>\r\n") == ["3@b"])
        #expect(try answer("") == [])
        let many = (1...200).map { "<\($0)@b>" }.joined(separator: "\r\n ")
        let short = try answer("Message-ID: <201@b>\r\nReferences: \(many)\r\n")
        #expect(short == ["1@b"] + (163...201).map { "\($0)@b" })
        // A thread that began on XMPP stands before the mails that came in it; what is no id is left out.
        #expect(try write([body("y")], thread: "1@x", references: ["7@b", "a b", "8@b"]).header.references == ["1@x", "7@b", "8@b"])
    }

    @Test("A mail of files or of a subject alone has an empty text, so that those who take bodies get it; an empty mail has nothing")
    func withoutText() throws {
        let file = AttachedFile(name: "a.pdf", type: "application/pdf", bytes: [1, 2])
        let files = try formatter.parse(
            Array(
                """
                From: a@b.test\r
                Content-Type: multipart/mixed; boundary=x\r
                \r
                --x\r
                Content-Type: application/pdf; name="a.pdf"\r
                Content-Transfer-Encoding: base64\r
                Content-Disposition: attachment; filename="a.pdf"\r
                \r
                AQI=\r
                --x--\r

                """.utf8
            )
        )
        #expect(files.payload == [body(""), file.element])
        let subject = try formatter.parse(Array("From: a@b.test\r\nSubject: !ping\r\nContent-Type: text/plain\r\n\r\n".utf8))
        #expect(subject.payload == [body(""), Element("subject", Namespace.client, text: "!ping")])
        #expect(try formatter.parse(Array("From: a@b.test\r\nContent-Type: text/plain\r\n\r\n".utf8)).payload == [])
    }

    @Test("A subject is there in any case; of several languages the one without a mark is taken")
    func defaults() throws {
        #expect(try write([body("x")]).header.subject == "Message from \(botMail)")
        var german = body("Hallo")
        german.attributes[Name("lang", Element.xmlNamespace)] = "de"
        #expect(try write([german, body("Hello")]).text.hasPrefix("Hello"))
    }

    @Test("What a mail can't carry is an error that names it; nothing is left out silently")
    func unsupported() throws {
        for (payload, word) in [
            ([body("x"), Element("reading", "urn:example:sensor:0")], "reading"), ([subject, subject], "subject"), ([], "nothing"),
            ([Element(AttachedFile.local, AttachedFile.namespace, text: "!!!")], "attachment"),
        ] {
            do {
                _ = try write(payload)
                Issue.record("\(word) was taken")
            } catch {
                let error = try #require(error as? SealError)
                #expect(error.code == .payload && error.message.contains(word), "\(error)")
            }
        }
    }

    @Test(
        "Header injection in subject, id and file name is refused or made harmless",
        arguments: ["x\r\nBcc: mallory@example.org", "x\nBcc: mallory@example.org"]
    )
    func injection(_ text: String) throws {
        #expect(throws: SealError.self) { try write([body("x"), Element("subject", Namespace.client, text: text)]) }
        #expect(throws: SealError.self) { try write([body("x")], id: text) }
        let named = try? write([body("x"), AttachedFile(name: text, bytes: [1]).element])
        #expect(named.map { $0.header.to.count + $0.header.cc.count } ?? 1 == 1)
        // A thread that looks like a field is no Message-ID.
        #expect(try write([body("x")], thread: "\(text)@x").header.references.first?.hasPrefix("thread-") == true)
    }

    @Test("Characters that XML can't hold are replaced, never passed on")
    func xml() throws {
        let mail = Array("From: a@b.test\r\nSubject: x\u{1}y\r\nContent-Type: text/plain; charset=utf-8\r\n\r\na\u{0B}b\u{FFFE}c\r\n".utf8)
        let text = try formatter.parse(mail).payload.map(\.text).joined()
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" && $0 != "\t" || $0.value == 0xFFFE })
    }

    @Test("HTML alone is text; several authors are none")
    func reading() throws {
        let html = Array("From: a@b.test\r\nContent-Type: text/html\r\n\r\n<p>Hi <b>you</b></p>\r\n".utf8)
        #expect(try formatter.parse(html).payload.first?.text.contains("Hi you") == true)
        let two = Array("From: a@b.test\r\nFrom: c@d.test\r\nContent-Type: text/plain\r\n\r\nx\r\n".utf8)
        #expect(try formatter.parse(two).author == .unclear)
        let list = Array("From: a@b.test, c@d.test\r\nContent-Type: text/plain\r\n\r\nx\r\n".utf8)
        #expect(try formatter.parse(list).author == .unclear)
        let none = Array("Content-Type: text/plain\r\n\r\nx\r\n".utf8)
        #expect(try formatter.parse(none).author == .none)
    }

    @Test("Bombs end at the limits: nesting, parts, header length, size")
    func bombs() throws {
        var small = MailLimits()
        small.bytes = 100_000
        let formatter = MIMEFormatter(limits: small)
        func nested(_ depth: Int) -> String {
            depth == 0
                ? "Content-Type: text/plain\r\n\r\nx\r\n"
                : "Content-Type: multipart/mixed; boundary=b\(depth)\r\n\r\n--b\(depth)\r\n\(nested(depth - 1))\r\n--b\(depth)--\r\n"
        }
        let parts = String(repeating: "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n", count: 2000)
        for mail in [
            nested(100), "Content-Type: multipart/mixed; boundary=b\r\n\r\n\(parts)--b--\r\n",
            "X: \(String(repeating: "a", count: 90_000))\r\n\r\nx", "\r\n" + String(repeating: "a", count: 200_000),
        ] {
            do throws(OpenRefusal) {
                _ = try formatter.parse(Array(mail.utf8))
                Issue.record("read")
            } catch {
                #expect(error.reason == .gatewayContent)
            }
        }
    }
}
