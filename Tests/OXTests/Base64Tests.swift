import Testing

@testable import OX

@Suite("Base64")
struct Base64Tests {
    @Test("E1 no white space, padded", arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
    func encode(_ plain: String, _ text: String) {
        #expect(Base64.encode(Array(plain.utf8)) == text)
    }

    @Test("E1 long data have no line breaks, and come back")
    func roundTrip() {
        for count in 1..<300 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
            let text = Base64.encode(bytes)
            #expect(!text.utf8.contains(where: Base64.isWhiteSpace))
            #expect(Base64.decode(text, limit: 1000) == bytes)
        }
    }

    @Test(
        "T1 white space anywhere, missing padding, an armor's checksum",
        arguments: [
            "Zm9vYg==", "Zm9vYg", "\n  Zm9v\r\n\tYg==\n", " Z m 9 v Y g = = ", "Zm9vYg==\n=AbC+", "Zm9vYg\n=AbC+", "Zm9vYg===AbC+",
        ]
    )
    func tolerated(_ text: String) {
        #expect(Base64.decode(text, limit: 100) == Array("foob".utf8))
    }

    @Test("T1 a checksum behind whole groups") func checksum() {
        #expect(Base64.decode("Zm9v\n=AbCd\n", limit: 100) == Array("foo".utf8))
    }

    @Test(
        "what is no base64 is refused",
        arguments: [
            "", " ", "=", "====", "Z", "Zm9vY", "Zm9v=", "Zm9vYg=", "Zm9vYg===", "Zm9v!", "Zm9v-_", "Zm9vYg==Zm9v", "Zm=9v", "Zm9v\n=AbC",
            "Zm9v\n=AbCde",
            "Zm9v\u{0}", "Zm9v\u{a0}", "=AbCd", "Zm9v=AbCd=AbCd",
        ]
    )
    func refused(_ text: String) {
        #expect(Base64.decode(text, limit: 100) == nil)
    }

    @Test("S9 the limit is held against the text before it is decoded") func limit() {
        #expect(Base64.decode("Zm9v", limit: 4) != nil)
        #expect(Base64.decode("Zm9v ", limit: 4) == nil)
    }

    @Test("T1 ASCII armor is taken off, binary is left alone") func armor() {
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
