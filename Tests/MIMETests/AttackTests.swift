import MIME
import Testing

/// Mails made to hurt: each gets an error that names the limit, or a bounded answer.
@Suite struct AttackTests {
    /// The error's code for a mail, LF or CRLF as given.
    private func refusal(_ bytes: [UInt8], limits: MailLimits = MailLimits()) -> MIMEError.Code? {
        code { _ = try MailReader(limits: limits).read(bytes) }
    }

    @Test func tenThousandLevels() {
        var text = ""
        for level in 0..<10_000 { text += "Content-Type: multipart/mixed; boundary=b\(level)\n\n--b\(level)\n" }
        text += "\nx\n"
        for level in (0..<10_000).reversed() { text += "--b\(level)--\n" }
        #expect(refusal(Array(text.utf8)) == .tooDeep)
    }

    @Test func levelsWithOneBoundary() {
        let text = String(repeating: "Content-Type: multipart/mixed; boundary=b\n\n--b\n", count: 10_000) + "\nx\n--b--\n"
        #expect(refusal(Array(text.utf8)) == .tooMany)
        let two = "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n--b--\n"
        #expect(refusal(Array(two.utf8)) == .malformed)
    }

    @Test func aHundredThousandParts() {
        let text = "Content-Type: multipart/mixed; boundary=b\n\n" + String(repeating: "--b\n\n", count: 100_000) + "--b--\n"
        #expect(refusal(Array(text.utf8)) == .tooMany)
        #expect(
            code { _ = try PGPStructure.of(Array(text.replacing("mixed", with: "signed; protocol=\"application/pgp-signature\"").utf8)) }
                == .tooMany
        )
        // Parts are counted in all, not a multipart.
        let inner = "--b\nContent-Type: multipart/mixed; boundary=c\n\n" + String(repeating: "--c\n\n", count: 60) + "--c--\n"
        let nested = "Content-Type: multipart/mixed; boundary=b\n\n" + String(repeating: inner, count: 5) + "--b--\n"
        #expect(refusal(Array(nested.utf8)) == .tooMany)
        #expect(refusal(Array(nested.utf8), limits: MailLimits(parts: 500, attachments: 500)) == nil)
    }

    @Test func headersWithoutEnd() {
        let ten = String(repeating: "x", count: 10_000_000)
        #expect(refusal(Array("Subject: \(ten)\n\nx".utf8)) == .tooBig)
        #expect(refusal(Array("Subject: \(ten)".utf8)) == .tooBig)
        #expect(refusal(Array("X: y\n \(String(repeating: "x\n ", count: 3_000_000))".utf8)) == .tooBig)
        #expect(refusal(Array(String(repeating: "X: y\n", count: 1_000_000).utf8)) == .tooMany)
        #expect(refusal(Array(String(repeating: "X: \(String(repeating: "y", count: 5000))\n", count: 60).utf8)) == .tooBig)
        let part = "Content-Type: multipart/mixed; boundary=b\n\n--b\nX: \(ten)\n\n--b--"
        #expect(refusal(Array(part.utf8)) == .tooBig)
    }

    @Test func bodiesOverTheLimits() throws {
        let limits = MailLimits(bytes: 10_000, textBytes: 100, attachmentBytes: 200, attachments: 3, decodedBytes: 500)
        func mail(_ parts: [(String, Int)]) -> [UInt8] {
            let body = parts.map { "--b\nContent-Type: \($0.0)\n\n\(String(repeating: "x", count: $0.1))\n" }.joined()
            return Array("Content-Type: multipart/mixed; boundary=b\n\n\(body)--b--".utf8)
        }
        #expect(refusal(Array(repeating: 0x0A, count: 10_001), limits: limits) == .tooBig)
        #expect(refusal(mail([("text/plain", 101)]), limits: limits) == .tooBig)
        #expect(refusal(mail([("text/html", 101)]), limits: limits) == .tooBig)
        #expect(refusal(mail([("text/plain; charset=utf-16le", 101)]), limits: limits) == .tooBig)
        #expect(refusal(mail([("text/plain; charset=iso-8859-1", 101)]), limits: limits) == .tooBig)
        #expect(refusal(mail([("a/b", 201)]), limits: limits) == .tooBig)
        #expect(refusal(mail([("a/b", 200), ("a/b", 200), ("a/b", 101)]), limits: limits) == .tooBig)
        #expect(refusal(mail([("a/b", 1), ("a/b", 1), ("a/b", 1), ("a/b", 1)]), limits: limits) == .tooMany)
        #expect(refusal(mail([("text/plain", 100), ("a/b", 200), ("a/b", 200)]), limits: limits) == nil)
        // Charsets in which a byte becomes three.
        let limit = MailLimits(textBytes: 200)
        #expect(
            refusal(Array("Content-Type: text/plain; charset=windows-1252\n\n".utf8) + [UInt8](repeating: 0x80, count: 100), limits: limit)
                == .tooBig
        )
    }

    @Test(arguments: ["", "b ", String(repeating: "b", count: 71), String(repeating: "b", count: 60_000), "\u{0}"])
    func boundariesThatAreNone(boundary: String) {
        #expect(
            refusal(Array("Content-Type: multipart/mixed; boundary=\"\(boundary)\"\n\n--\(boundary)\n\nx\n--\(boundary)--".utf8))
                == .malformed
        )
    }

    @Test(arguments: [
        "Subject: a\rFrom: b@example.test\n\nx", "Subject: a\u{0}b\n\nx", "no field\n\nx", " folded\nSubject: x\n\nx", ": x\n\nx",
        "Sübject: x\n\nx",
        "Sub ject: x\n\nx", "From carol@example.test Sat Nov 21\nSubject: x\n\nx", "Subject: x\n\u{0}\n\nx",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx", "Content-Type: multipart/mixed; boundary=b\n\nx",
        "Content-Type: multipart/mixed\n\n--b\n\nx\n--b--", "Content-Type: multipart/mixed; boundary=b\n\n--b--",
        "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n--b\n\nx\n--b--",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nnonsense\n\nx\n--b--",
    ])
    func brokenStructureIsRefused(text: String) {
        #expect(refusal(Array(text.utf8)) == .malformed)
    }

    @Test func manyAddressesAndIDs() throws {
        let people = (0..<3000).map { "p\($0)@example.test" }.joined(separator: ", ")
        let ids = (0..<3000).map { "<i\($0)@example.test>" }.joined(separator: " ")
        let header = try read("To: \(people)\nCc: \(String(repeating: ",", count: 60_000))\nReferences: \(ids)\n\nx").header
        #expect(header.problems == ["to", "cc", "references"])
        #expect(header.to.isEmpty && header.references.isEmpty)
        for evil in ["(", "\"", "<", "a:", "\\", "@", "a@b,", "=?utf-8?q?", "\"\\"] {
            let field = String(repeating: evil, count: 60_000 / evil.utf8.count)
            #expect(try read("From: \(field)\n\nx").header.problems == ["from"], "\(evil)")
        }
    }

    @Test(arguments: [
        "=?utf-8?q?a?= ", "=?utf-8?q?", "=?", "=?utf-8?b?QUJD", "=?iso-2022-jp?b?GyRCRnwbKEI=?=", "=?utf-8*en?q?a?=", "(", "\"",
        "=?x?q?=41?= ",
    ])
    func encodedWordsWithoutEnd(piece: String) throws {
        let field = String(repeating: piece, count: 60_000 / piece.utf8.count)
        let subject = try #require(try read("Subject: \(field)\n\nx").header.subject)
        #expect(subject.utf8.count <= 3 * field.utf8.count)
        #expect(try MailReader().read(Array("From: \(field) <a@example.test>\n\nx".utf8)).header.problems.isSubset(of: ["from"]))
    }

    @Test func encodedWordsCantMakeFields() throws {
        let mail = try read(
            "Subject: =?utf-8?q?a=0D=0AFrom:_mallory@example.test=0D=0A=0D=0Ab=00=1B?=\nFrom: =?utf-8?q?b=40example.test=2C_c?= <a@example.test>\n\nx"
        )
        #expect(mail.header.subject == "a From: mallory@example.test b")
        #expect(mail.header.from?.address == "a@example.test")
        #expect(mail.header.from?.name == "b@example.test, c")
        // An address can't be hidden in an encoded word.
        #expect(try read("From: =?utf-8?q?a=40example.test?=\n\nx").header.problems == ["from"])
        #expect(try read("From: =?utf-8?q?a?=@example.test\n\nx").header.from?.address == "=?utf-8?q?a?=@example.test")
    }

    /// What the sender calls a charset never reaches iconv unless it is one of ours.
    @Test(arguments: [
        ("=?../../../tmp/x?q?abc?=", "abc"), ("=?utf-7?q?+ADw-?=", "+ADw-"), ("=?iso-2022-cn-ext?b?YWJj?=", "abc"), ("=??q?abc?=", "abc"),
        ("=?*en?q?abc?=", "abc"), ("=?utf-8//translit?q?abc?=", "abc"), ("=?koi8-r?q?=F0?=", "П"), ("what=??", "what=??"),
        ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="), ("=?utf-8?b?YQ==?= =?utf-8?b?Yg==?= c", "ab c"), ("=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
        ("=?utf-8?b?w7w=?= =?iso-8859-1?q?=FC?=", "üü"), ("=?utf-8?b?ww==?=  =?UTF-8*de?b?vA==?=", "ü"), ("=?utf-8?q?a b_c?=", "a b c"),
        ("a=?utf-8?q?b?=c", "abc"), ("=?utf-8?q??=", ""), ("=?utf-8?q?a", "=?utf-8?q?a"),
    ])
    func charsetsOfEncodedWords(word: String, text: String) throws {
        #expect(try read("Subject: \(word)\n\nx").header.subject == text)
    }

    /// RFC 2231: continuations, charsets, and file names that lie.
    @Test(
        arguments: [
            ("filename=\"../../x.sh\"", "x.sh"), ("filename*=utf-8''%2e%2e%2fx.sh", "x.sh"), ("filename*=utf-8''a%00b.txt", "a"),
            ("filename*=UTF-8''photo%E2%80%AEgpj.exe", "photogpj.exe"), ("filename=\"=?utf-8?q?photo=E2=80=AEgpj.exe?=\"", "photogpj.exe"),
            ("filename*0=a; filename*1=b; filename*2*=%2Ec", "ab.c"), ("filename*1=b; filename*0=a", "ab"),
            ("filename*=nonsense''a%FFb", nil),
            ("filename*=utf-7''+AC8-x", "+AC8-x"), ("filename*=''abc", "abc"), ("filename*=utf-8''a%0D%0AX:%20y", "aX: y"),
            ("filename*99999999999=x; filename=y", nil), ("filename", nil), ("filename=", nil), ("filename*=", nil), ("filename*=%", nil),
            (";;;", nil),
        ] as [(String, String?)]
    )
    func fileNamesAreHarmless(parameters: String, name: String?) throws {
        let mail = try read("Content-Type: a/b\nContent-Disposition: attachment; \(parameters)\n\nx")
        #expect(mail.attachments.count == 1)
        let found = mail.attachments.first?.name
        if let name {
            #expect(found == name)
        } else {
            // Whatever a broken parameter gives, it is harmless.
            #expect(found?.unicodeScalars.contains { $0 == "/" || $0.value < 0x20 } != true)
        }
    }

    @Test(arguments: [
        "; filename*0=a", "; filename*0*=utf-8''a", "; filename*1=a", "; filename*-1=a", "; a=b", "; filename=\"", "; filename*", ";",
        "; =", "*=x'", "(",
    ])
    func parametersWithoutEnd(piece: String) throws {
        let parameters = String(repeating: piece, count: 60_000 / piece.utf8.count)
        let numbered = (0..<3000).map { "; filename*\($0)*=%41" }.joined()
        for value in ["attachment\(parameters)", "attachment\(numbered)"] {
            let mail = try read("Content-Type: a/b\nContent-Disposition: \(value)\n\nx")
            #expect((mail.attachments.first?.name ?? "").utf8.count <= 200)
        }
        // As a Content-Type it may say too much to be one thing.
        _ = code { _ = try read("Content-Type: multipart/mixed\(parameters)\n\nx") }
        #expect(refusal(crlf("Content-Type: a/b\(parameters)\n\nx")).map { $0 == .malformed || $0 == .ambiguous } != false)
    }

    /// Every mail of the fixtures, cut off at each byte and with bytes changed: an answer or a ``MIMEError``, and never more than went in.
    @Test(arguments: ["signed.eml", "composed-text.eml", "inbound-attachment.eml", "libervia-document.eml"])
    func cutAndChangedMails(name: String) throws {
        let bytes = try fixture(name)
        for end in stride(from: 0, to: bytes.count, by: 3) { try answer(Array(bytes[..<end])) }
        var random = Counting()
        for _ in 0..<300 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: 0..<changed.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: changed[index] = UInt8.random(in: 0...255, using: &random)
                case 1: changed.remove(at: index)
                case 2: changed.insert(contentsOf: changed[index..<min(index + 40, changed.count)], at: index)
                default: changed.swapAt(index, Int.random(in: 0..<changed.count, using: &random))
                }
            }
            try answer(changed)
        }
    }

    private func answer(_ bytes: [UInt8]) throws {
        do throws(MIMEError) {
            let mail = try MailReader().read(bytes)
            #expect(mail.text.utf8.count <= 3 * bytes.count + 16)
            #expect(mail.attachments.reduce(0) { $0 + $1.bytes.count } <= 3 * bytes.count)
        } catch {
            #expect(!error.message.isEmpty)
        }
        do throws(MIMEError) {
            _ = try PGPStructure.of(bytes)
        } catch {
            #expect(!error.message.isEmpty)
        }
    }

    @Test func aCutMailIsNeverTakenForAWholeOne() throws {
        let bytes = try composed(mail(attachments: [MailAttachment(name: "a", bytes: Array(repeating: 7, count: 500))]))
        // Up to the last line's "--", nothing but an error or, inside of the root's header, a mail without the file.
        for end in 0..<(bytes.count - 4) {
            let found = try? MailReader().read(Array(bytes[..<end]))
            #expect(found?.attachments.allSatisfy(\.bytes.isEmpty) != false)
        }
        #expect(refusal(Array(bytes.dropLast(4))) == .malformed)
    }

    @Test func manyAtOnce() async throws {
        let bytes = try fixture("signed.eml")
        try await withThrowingTaskGroup(of: PGPStructure.self) { group in
            for _ in 0..<64 { group.addTask { try PGPStructure.of(bytes) } }
            let first = try PGPStructure.of(bytes)
            for try await structure in group { #expect(structure == first) }
        }
        try await withThrowingTaskGroup(of: ReadMail.self) { group in
            for _ in 0..<64 { group.addTask { try MailReader().read(bytes) } }
            let first = try MailReader().read(bytes)
            for try await mail in group { #expect(mail == first) }
        }
    }
}
