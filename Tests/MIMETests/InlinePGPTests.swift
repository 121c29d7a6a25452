import MIME
import Testing

@Suite struct InlinePGPTests {
    private let armor = "-----BEGIN PGP MESSAGE-----\n\nhF4DifuN5tAekaUSAQdAtF7a\nabc+/w==\n=waJI\n-----END PGP MESSAGE-----"

    /// R22: an inline body counts only if it is exactly one armored message.
    @Test func r22ExactlyOneMessageCounts() throws {
        let plain = try #require(InlinePGP.message(in: armor))
        #expect(plain == armor + "\n")
        #expect(InlinePGP.message(in: "\n \r\n\(armor)\n\t\n") == plain)
        #expect(InlinePGP.message(in: armor.replacing("\n", with: "\r\n")) == plain)
        #expect(InlinePGP.message(in: armor.replacing("\n", with: " \n")) == plain)
        #expect(
            InlinePGP.message(in: armor.replacing("MESSAGE-----\n\n", with: "MESSAGE-----\nVersion: GnuPG v2\nComment: x: y\n\n")) == plain
        )
    }

    @Test(arguments: [
        "", "hello", "hello\nARMOR", "ARMOR\nhello", "ARMOR\nARMOR", "> ARMOR", "-----BEGIN PGP MESSAGE-----", "-----END PGP MESSAGE-----",
        "-----BEGIN PGP MESSAGE-----\n\n-----END PGP MESSAGE-----",
        "-----BEGIN PGP MESSAGE-----\n\nabc\nclear text here\n-----END PGP MESSAGE-----",
        "-----BEGIN PGP MESSAGE-----\n\nabc\n-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----",
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nhello\n-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----",
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nabc\n-----END PGP PUBLIC KEY BLOCK-----",
        "-----BEGIN PGP MESSAGE----- x\n\nabc\n-----END PGP MESSAGE-----",
        "-----BEGIN PGP MESSAGE-----\nSubject: x\n\nabc\n-----END PGP MESSAGE-----",
    ])
    func r22AnythingElseDoesNot(body: String) {
        #expect(InlinePGP.message(in: body.replacing("ARMOR", with: armor)) == nil)
    }

    @Test func theBodyThatLiberviaPassesOnCounts() throws {
        let mail = try MailReader().read(fixture("inbound-inline-pgp.eml"))
        #expect(try #require(InlinePGP.message(in: mail.text)).contains("hF4DifuN5tAekaUSAQdAtF7a"))
    }
}
