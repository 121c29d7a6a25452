import Foundation
import Testing

@testable import XMPP

@Suite struct Base64Tests {
    @Test func agreesWithFoundation() {
        var random = SystemRandomNumberGenerator()
        for length in 0...70 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(Base64.encode(bytes) == Data(bytes).base64EncodedString())
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
            #expect(Base64.decode(tolerant: Base64.encode(bytes).utf8) == bytes)
            // Shifted by a space, so that groups of four don't fall together with the digits' own.
            #expect(Base64.decode(tolerant: (" " + Base64.encode(bytes)).utf8) == bytes)
        }
    }

    @Test(arguments: ["A", "AA", "AAA", "A===", "====", "AA=A", "AAAA=", "AA==AAAA", "AA\n==", "AA ==", "AB==", "AAB=", "-_==", "äA=="])
    func refusesOtherSpellings(_ text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test("E1 no white space, padded", arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
    func encode(_ plain: String, _ text: String) {
        #expect(Base64.encode(Array(plain.utf8)) == text)
    }

    @Test(
        "T1 white space anywhere, missing padding, an armor's checksum",
        arguments: [
            "Zm9vYg==", "Zm9vYg", "\n  Zm9v\r\n\tYg==\n", " Z m 9 v Y g = = ", "Zm9vYg==\n=AbC+", "Zm9vYg\n=AbC+", "Zm9vYg===AbC+",
        ]
    )
    func tolerated(_ text: String) {
        #expect(Base64.decode(tolerant: text.utf8) == Array("foob".utf8))
    }

    @Test("T1 a checksum behind whole groups") func checksum() {
        #expect(Base64.decode(tolerant: "Zm9v\n=AbCd\n".utf8) == Array("foo".utf8))
    }

    @Test(
        "what is no base64 is refused",
        arguments: [
            "=", "====", "Z", "Zm9vY", "Zm9v=", "Zm9vYg=", "Zm9vYg===", "Zm9v!", "Zm9v-_", "Zm9vYg==Zm9v", "Zm=9v", "Zm9v\n=AbC",
            "Zm9v\n=AbCde",
            "Zm9v\u{0}", "Zm9v\u{a0}", "=AbCd", "Zm9v=AbCd=AbCd",
        ]
    )
    func refused(_ text: String) {
        #expect(Base64.decode(tolerant: text.utf8) == nil)
    }

    @Test("Nothing is nothing", arguments: ["", " ", "\n\t"]) func nothing(_ text: String) {
        #expect(Base64.decode(tolerant: text.utf8) == [])
    }
}
