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
        }
    }

    @Test(arguments: ["A", "AA", "AAA", "A===", "====", "AA=A", "AAAA=", "AA==AAAA", "AA\n==", "AA ==", "AB==", "AAB=", "-_==", "äA=="])
    func refusesOtherSpellings(_ text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
