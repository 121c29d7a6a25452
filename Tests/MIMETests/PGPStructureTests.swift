import MIME
import Testing

@Suite struct PGPStructureTests {
    private let signed = """
        Content-Type: multipart/signed; micalg=PGP-SHA256; protocol="application/pgp-signature"; boundary=s
        From: outer@example.test

        preamble
        --s
        Content-Type: text/plain; protected-headers="v1"
        From: carol@example.test

        signed \u{20}

        --s
        Content-Type: application/pgp-signature
        Content-Transfer-Encoding: base64

        U0lH
        --s--
        epilogue
        """

    /// R22: what a signature covers is found to the byte. gpg signed the part, Python's `email` and Thunderbird's layout made the mail around it.
    @Test func r22TheSignedBytesAreThoseThatStood() throws {
        let bytes = try fixture("signed.eml")
        guard case .signed(let found) = try PGPStructure.of(bytes) else { throw MIMEError(.malformed, "not signed") }
        let start = try #require(String(decoding: bytes, as: UTF8.self).firstRange(of: "Content-Type: multipart/mixed"))
        let end = try #require(String(decoding: bytes, as: UTF8.self).firstRange(of: "--------------inner0001--\r\n"))
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(String(decoding: found.content, as: UTF8.self) == text[start.lowerBound..<end.upperBound])
        #expect(found.content.count == 797)
        #expect(String(decoding: found.signature, as: UTF8.self).hasPrefix("-----BEGIN PGP SIGNATURE-----\r\n"))
        #expect(found.hash == "pgp-sha512")
        let mail = try MailReader().read(found.content)
        #expect(mail.protection == .version1)
        #expect(mail.header.subject == "Grüße")
        #expect(mail.header.from?.address == "carol@example.test")
        #expect(mail.header.date == 1_795_254_825)
        #expect(
            mail.text
                == "Hallo Bot, das ist ein langer Absatz, den Thunderbird umbricht, wenn er länger als eine Zeile ist.\n\n> zitiert weiter\n-- \nCarol"
        )
        #expect(mail.attachments == [MailAttachment(name: "log.txt", type: "text/x-log", bytes: Array("log".utf8))])
    }

    @Test func whatStandsAroundTheSignedPartIsNotRead() throws {
        guard case .signed(let found) = try PGPStructure.of(crlf(signed)) else { throw MIMEError(.malformed, "not signed") }
        #expect(
            String(decoding: found.content, as: UTF8.self)
                == "Content-Type: text/plain; protected-headers=\"v1\"\r\nFrom: carol@example.test\r\n\r\nsigned  \r\n"
        )
        #expect(found.signature == Array("SIG".utf8))
        #expect(found.hash == "pgp-sha256")
        let mail = try MailReader().read(found.content)
        #expect(mail.header.from?.address == "carol@example.test")
        #expect(mail.text == "signed  \n")
    }

    @Test func loneLineFeedsAreSignedAsCRLF() throws {
        #expect(try PGPStructure.of(Array(signed.utf8)) == PGPStructure.of(crlf(signed)))
    }

    /// R22: the signature must cover everything, so it counts at the root alone.
    @Test func r22ASignatureFurtherInIsNone() throws {
        let inside = "Content-Type: multipart/mixed; boundary=m\n\n--m\n\(signed)\n--m\n\nunsigned footer\n--m--"
        #expect(try PGPStructure.of(crlf(inside)) == .plain)
        let mail = try read(inside)
        #expect(mail.text == "signed  \n")
        #expect(mail.header.from == nil)
    }

    @Test(arguments: [
        "Content-Type: text/plain\n\nx", "\nx", "",
        "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=b\n\n--b\n\nx\n--b\n\ny\n--b--",
        "Content-Type: multipart/signed; boundary=b\n\n--b\n\nx\n--b\n\ny\n--b--",
        "Content-Type: multipart/mixed; protocol=\"application/pgp-signature\"; boundary=b\n\n--b\n\nx\n--b--",
    ])
    func otherMailIsPlain(text: String) throws {
        #expect(try PGPStructure.of(crlf(text)) == .plain)
    }

    @Test(arguments: [
        // One part, three parts, the wrong second part, none, not closed, no boundary, the close first, an encoded multipart.
        "--b\n\nx\n--b--", "--b\n\nx\n--b\nContent-Type: application/pgp-signature\n\ny\n--b\n\nz\n--b--", "--b\n\nx\n--b\n\ny\n--b--", "",
        "--b\n\nx\n--b\nContent-Type: application/pgp-signature\n\ny\n",
        "--b--\n--b\n\nx\n--b\nContent-Type: application/pgp-signature\n\ny\n--b--",
        "--b\n\nx\n--b\nContent-Type: application/pgp-signature\n\ny\n--b --",
    ])
    func brokenSignedMailIsRefused(body: String) {
        let head = "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=b\n"
        #expect(code { _ = try PGPStructure.of(crlf("\(head)\n\(body)")) } == .malformed)
        #expect(code { _ = try PGPStructure.of(crlf("\(head)Content-Transfer-Encoding: base64\n\n\(body)")) } == .malformed)
    }

    /// Two readers must not find two different mails.
    @Test func r22DoubledStructureIsRefused() throws {
        let body = "\n--a\n\nx\n--a\nContent-Type: application/pgp-signature\n\ny\n--a--\n--b\n\nevil\n--b--"
        let type = "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary="
        for head in [
            "\(type)a\n\(type)b\n", "\(type)a\nContent-Type: text/plain\n", "Content-Type: text/plain\n\(type)a\n",
            "\(type)a; boundary=b\n",
            "\(type)a; boundary*=us-ascii''b\n", "\(type)a; boundary*0=b\n", "\(type)a; protocol=\"application/x\"\n",
        ] {
            #expect(code { _ = try PGPStructure.of(crlf(head + body)) } == .ambiguous, "\(head)")
        }
        let part = "Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: 8bit\n"
        #expect(code { _ = try read("\(part)\nx") } == .ambiguous)
        // The same said twice is one: Libervia's mails have that.
        guard case .signed = try PGPStructure.of(crlf("\(type)a\n\(type)a\n\(body)")) else { throw MIMEError(.malformed, "not signed") }
    }

    @Test(arguments: ["libervia-outbound.eml", "inbound-pgpmime.eml"])
    func encryptedMailGivesItsMessage(name: String) throws {
        guard case .encrypted(let message) = try PGPStructure.of(fixture(name)) else { throw MIMEError(.malformed, "not encrypted") }
        let text = String(decoding: message, as: UTF8.self)
        #expect(text.hasPrefix("-----BEGIN PGP MESSAGE-----\n\nhF4D"))
        #expect(text.trimmingSuffix("\n").hasSuffix("-----END PGP MESSAGE-----"))
    }

    @Test func whatLiberviaMakesOfNothingIsStillEncryptedMail() throws {
        guard case .encrypted(let message) = try PGPStructure.of(fixture("libervia-empty.eml")) else {
            throw MIMEError(.malformed, "not encrypted")
        }
        #expect(String(decoding: message, as: UTF8.self).contains("=twTO"))
    }

    @Test(arguments: [
        "--b\nContent-Type: text/plain\n\nVersion: 1\n--b\nContent-Type: application/octet-stream\n\nx\n--b--",
        "--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: text/html\n\nx\n--b--",
        "--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b--",
        "--b\nContent-Type: application/pgp-encrypted\n\n\n--b\nContent-Type: application/octet-stream\n\nx\n--b\n\nplain\n--b--",
    ])
    func brokenEncryptedMailIsRefused(body: String) {
        let text = "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\n\n\(body)"
        #expect(code { _ = try PGPStructure.of(crlf(text)) } == .malformed)
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String { hasSuffix(suffix) ? String(dropLast(suffix.count)) : self }
}
