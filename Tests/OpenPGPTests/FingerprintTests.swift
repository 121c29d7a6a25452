import OpenPGP
import Testing

@Suite struct FingerprintTests {
    @Test("40 hexadecimal digits in either case, and nothing else") func reading() {
        let hex = "0123456789abcdefABCDEF0123456789abcdefAB"
        #expect(Fingerprint(hex)?.hex == hex.uppercased())
        #expect(Fingerprint(hex) == Fingerprint(hex.lowercased()))
        for bad in [
            "", String(hex.dropLast()), hex + "0", "g" + hex.dropFirst(), " " + hex.dropFirst(), "é" + hex.dropFirst(2),
            hex + hex.prefix(24),
        ] {
            #expect(Fingerprint(bad) == nil)
        }
    }
}
