import Testing

@testable import XMPP

@Suite struct AddressTests {
    @Test(arguments: [
        ("example.org", "example.org"), ("a@example.org", "a@example.org"), ("a@example.org/r", "a@example.org/r"),
        ("ALICE@Example.ORG/Home", "alice@example.org/Home"), ("example.org./r", "example.org/r"),
        ("example.org/a@b/c", "example.org/a@b/c"),
        ("a@localhost", "a@localhost"), ("my_host", "my_host"), ("127.0.0.1", "127.0.0.1"), ("a@[::1]/r", "a@[::1]/r"),
        ("[2001:DB8:0:0:0:0:0:1]", "[2001:db8::1]"), ("a@example.org/ with spaces ", "a@example.org/ with spaces "),
        ("Straße@example.org", "strasse@example.org"), ("ÄÖ@example.org", "äö@example.org"), ("ﬁ@example.org", "fi@example.org"),
        ("a@Bücher.example", "a@bücher.example"), ("a@xn--bcher-kva.example", "a@bücher.example"),
        ("a@XN--BCHER-KVA.example", "a@bücher.example"), ("a@bücher。example", "a@bücher.example"), ("a@faß.de", "a@faß.de"),
        ("a@example.org/Ａ", "a@example.org/A"), ("a@example.org/🦬", "a@example.org/🦬"), ("a\\40b@example.org", "a\\40b@example.org"),
        ("a@example.org/\u{345}x", "a@example.org/\u{345}x"),
    ])
    func normalises(_ text: String, _ normal: String) throws {
        let address = try #require(Address(text))
        #expect(address.description == normal)
        #expect(Address(address.description) == address)
    }

    @Test(arguments: [
        "", "@", "/", "@example.org", "a@", "a@/r", "example.org/", "a@example.org/", "a@b@c", "a b@example.org", "a\"b@example.org",
        "a&b@example.org", "a'b@example.org", "a:b@example.org", "a<b@example.org", "a>b@example.org", "a@exa mple.org", "a@-example.org",
        "a@example-.org", "a@example..org", "a@.", "a@.org", "a@example.org..", "a@[::1", "a@[::g]", "a@[fe80::1%eth0]", "a@[]",
        "a@[127.0.0.1]",
        "a@exam<ple.org", "a\0b@example.org", "a@example.org/\0", "a@exa\0mple.org", "a@example.org/a\u{1}b", "\u{A0}@example.org",
        "a\u{FF20}b@example.org", "a@exa\u{FF0F}mple.org", "a@exa\u{FF20}mple.org", "\u{AD}@example.org", "a@\u{AD}", "a@xn--.org",
        "a@xn--\u{FC}.org", "a\u{200E}b@example.org", "a@example.org/\u{E000}",
        // Behind a combining mark there is no Character "@" or "/" any more; the bytes are there all the same.
        "a@\u{301}example.org",
    ])
    func refuses(_ text: String) {
        #expect(Address(text) == nil)
    }

    @Test func limitsAreBytes() {
        for (part, isTaken) in [(1_023, true), (1_024, false)] {
            let ascii = String(repeating: "a", count: part)
            #expect((Address(local: ascii, domain: "example.org") != nil) == isTaken)
            #expect((Address(domain: "example.org", resource: ascii) != nil) == isTaken)
        }
        #expect(Address(local: String(repeating: "ä", count: 511), domain: "example.org") != nil)
        #expect(Address(local: String(repeating: "ä", count: 512), domain: "example.org") == nil)
        // A ligature may become longer than what came: the limit holds for the result.
        #expect(Address(local: String(repeating: "\u{FDFA}", count: 100), domain: "example.org") == nil)
        let label = String(repeating: "a", count: 63)
        #expect(Address(domain: [label, label, label, String(label.dropLast(2))].joined(separator: ".")) != nil)
        #expect(Address(domain: [label, label, label, label].joined(separator: ".")) == nil)
        #expect(Address(domain: label + "a") == nil)
        #expect(Address(domain: String(repeating: "ü", count: 64) + ".example") == nil)
    }

    @Test func parts() throws {
        let address = try #require(Address("Alice@example.org/r"))
        #expect(address.local == "alice")
        #expect(address.domain == "example.org")
        #expect(address.resource == "r")
        #expect(!address.isBare)
        #expect(address.bare.description == "alice@example.org")
        #expect(address.bare.isBare)
        #expect(address.domainAddress.description == "example.org")
        #expect(Address(local: "a@b", domain: "example.org") == nil, "parts aren't parsed")
        #expect(Address(local: "", domain: "example.org") == nil)
    }

    @Test func differentAddressesAreDifferent() throws {
        // By parts, not by their text, and not by what Unicode newer than the profiles calls equivalent.
        #expect(Address(local: nil, domain: "a") != Address(local: nil, domain: "a", resource: "a"))
        let composed = try #require(Address(local: "\u{1B06}", domain: "example.org"))
        let decomposed = try #require(Address(local: "\u{1B05}\u{1B35}", domain: "example.org"))
        #expect(composed.description == decomposed.description, "Swift compares texts canonically")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
    }

    @Test func parsingIsStable() {
        // What is accepted once is accepted unchanged ever after: else two parts of the program could see two addresses in one.
        var random = SplitMix(state: 42)
        let alphabet = Array(
            "aAbB@/.:-_\\20 &'<>\u{AD}\u{200D}äßİıſΣςﬁǅ\u{300}\u{345}\u{FF20}\u{FF0F}\u{3002}\u{2126}אب١xn--🦬\u{1B06}\u{0}".unicodeScalars
        )
        var accepted = 0
        for _ in 0..<10_000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                text.append(alphabet[Int.random(in: alphabet.indices, using: &random)])
            }
            if Bool.random(using: &random) { text.append(contentsOf: "@example.org/".unicodeScalars + text) }
            guard let address = Address(String(text)) else { continue }
            accepted += 1
            let again = Address(address.description)
            #expect(again == address, "\(address)")
            #expect(again.map { Array($0.description.utf8) } == Array(address.description.utf8))
            #expect(Address(address.bare.description) == address.bare)
        }
        #expect(accepted > 500)
    }
}

/// Randomness that is the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
