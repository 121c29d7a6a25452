import Testing
import XMPP

@testable import OX

@Suite("ASCII armor")
struct ArmorTests {
    @Test("T1 it is taken off, binary is left alone") func armor() {
        let binary: [UInt8] = [0x84, 1, 2, 3, 4, 5]
        let body = Base64.encode(binary)
        #expect(Armor.removed(from: binary) == binary)
        for text in [
            "-----BEGIN PGP MESSAGE-----\n\n\(body)\n=AbCd\n-----END PGP MESSAGE-----\n",
            "-----BEGIN PGP MESSAGE-----\r\nVersion: 1\r\nComment: x: y\r\n\r\n\(body)\r\n-----END PGP MESSAGE-----",
            "\n-----BEGIN PGP MESSAGE-----  \n\(body)\n-----END PGP MESSAGE-----\n\n",
        ] {
            #expect(Armor.removed(from: Array(text.utf8)) == binary)
        }
    }

    @Test(
        "what is neither binary nor one armor is refused",
        arguments: [
            "", "hello", "-----BEGIN PGP MESSAGE-----", "-----BEGIN PGP MESSAGE-----\n\n-----END PGP MESSAGE-----",
            "-----BEGIN PGP MESSAGE-----\n\nhAECAwQF\n-----END PGP SIGNATURE-----",
            "-----BEGIN PGP MESSAGE-----\n\naGVsbG8=\n-----END PGP MESSAGE-----",
            "text\n-----BEGIN PGP MESSAGE-----\n\nhAECAwQF\n-----END PGP MESSAGE-----",
            "-----BEGIN PGP MESSAGE-----\nno header\n\nhAECAwQF\n-----END PGP MESSAGE-----",
        ]
    )
    func noArmor(_ text: String) {
        #expect(Armor.removed(from: Array(text.utf8)) == nil)
    }
}
