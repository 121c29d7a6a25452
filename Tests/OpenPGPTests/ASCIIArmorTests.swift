import Testing

@testable import OpenPGP

@Suite struct ASCIIArmorTests {
    private func decode(_ text: String) throws -> (kind: ASCIIArmor.Kind, bytes: [UInt8]) { try ASCIIArmor.decode(Array(text.utf8)) }

    private func problem(_ text: String) -> ASCIIArmor.Problem? {
        do {
            _ = try ASCIIArmor.decode(Array(text.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test("Headers, line ends, white space and the checksum are as writers have them") func accepted() throws {
        let texts = [
            "-----BEGIN PGP MESSAGE-----\nVersion: x\nComment: y: z\n\naGVsbG8=\n=PZUP\n-----END PGP MESSAGE-----\n",
            "-----BEGIN PGP MESSAGE-----\r\n\r\naGVs\r\nbG8=\r\n-----END PGP MESSAGE-----",
            "\n  -----BEGIN PGP MESSAGE-----\n \t\naGVsbG8\n-----END PGP MESSAGE-----  \n\n",
            "-----BEGIN PGP MESSAGE-----\naGVsbG8=\n-----END PGP MESSAGE-----",
        ]
        for text in texts {
            let block = try decode(text.replacing("=PZUP", with: checksum))
            #expect(block.kind == .message)
            #expect(block.bytes == Array("hello".utf8))
        }
    }

    /// CRC-24 of "hello" (RFC 4880 § 6.1), from gpg --enarmor.
    private let checksum = "=R/WK"

    @Test("What is wrong is refused") func refused() {
        func block(_ content: String) -> String { "-----BEGIN PGP MESSAGE-----\n\n\(content)\n-----END PGP MESSAGE-----\n" }
        #expect(problem(block("aGVsbG8=\n=AAAA")) == .checksum)
        #expect(problem(block("aGV*bG8=")) == .malformed)
        #expect(problem(block("aGVsbG8===")) == .malformed)
        #expect(problem(block("aGVsb=G8")) == .malformed)
        #expect(problem(block("aGVsbG8=") + "more") == .malformed)
        #expect(problem(block("aGVsbG8=") + block("aGVsbG8=")) == .malformed)
        #expect(problem("-----BEGIN PGP MESSAGE-----\n\naGVsbG8=\n-----END PGP SIGNATURE-----") == .malformed)
        #expect(problem("-----BEGIN PGP MESSAGE-----\n\naGVsbG8=") == .malformed)
        #expect(problem("-----BEGIN PGP NOTHING-----\n\naGVsbG8=\n-----END PGP NOTHING-----") == .unknownBeginning)
        #expect(problem("-----BEGIN -----") == .unknownBeginning)
        #expect(problem("") == .unknownBeginning)
    }

    @Test func kinds() throws {
        #expect(try decode("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nhi\n").kind == .signedText)
        #expect(try decode("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nAAAA\n-----END PGP PRIVATE KEY BLOCK-----").kind == .privateKey)
        #expect(ASCIIArmor.isArmored(Array(" \n-----BEGIN".utf8)))
        #expect(!ASCIIArmor.isArmored([0x84, 0x2d]))
        #expect(!ASCIIArmor.isArmored([]))
    }
}
