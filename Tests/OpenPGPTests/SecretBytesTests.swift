import OpenPGP
import Testing

@Suite struct SecretBytesTests {
    @Test("A secret can be read and is never shown") func hidden() {
        var bytes = Array("correct horse".utf8)
        let secret = SecretBytes(wiping: &bytes)
        #expect(bytes.isEmpty)
        #expect(secret.count == 13)
        #expect(secret.withUnsafeBytes { Array($0) } == Array("correct horse".utf8))
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), dumped] { #expect(!text.contains("horse")) }
        #expect(SecretBytes([UInt8]()).withUnsafeBytes { $0.count } == 0)
    }
}
