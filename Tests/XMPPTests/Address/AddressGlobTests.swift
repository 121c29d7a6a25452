import Testing

@testable import XMPP

@Suite struct AddressGlobTests {
    @Test(arguments: [
        ("*", "alice@example.org", true), ("*", "example.org", true), ("*@*", "alice@example.org", true), ("*@*", "example.org", false),
        ("alice@example.org", "alice@example.org/r", true), ("Alice@EXAMPLE.org.", "alice@example.org", true),
        ("alice@example.org", "alice@example.com", false), ("*@localhost", "a@localhost", true), ("*@localhost", "localhost", false),
        ("localhost", "localhost", true), ("localhost", "a@localhost", false), ("alice@*", "alice@anywhere.example", true),
        ("alice@*", "bob@anywhere.example", false), ("*@*.example.org", "a@b.c.example.org", true),
        ("*@*.example.org", "a@example.org", false),
        ("*@*.example.org", "a@evilexample.org", false), ("*@example.org", "a@example.org.evil.test", false),
        ("*@example.org", "a@sub.example.org", false), ("a*b*c@x", "a-b-c@x", true), ("a*b*c@x", "abc@x", true),
        ("a*b*c@x", "acb@x", false),
        ("ab*ba@x", "aba@x", false), ("*a*@x", "bab@x", true), ("**@x", "a@x", true), ("BOT-*@x", "bot-1@x", true), ("ä*@x", "Äb@x", true),
        ("*@bücher.example", "a@xn--bcher-kva.example", true), ("*@xn--bcher-kva.example", "a@bücher.example", true),
        // A resourcepart that looks like an address is none.
        ("*@example.org", "evil.test/a@example.org", false), ("alice@example.org", "evil.test/alice@example.org", false),
    ])
    func matches(_ pattern: String, _ address: String, _ expected: Bool) throws {
        #expect(try #require(AddressGlob(pattern)).matches(#require(Address(address))) == expected)
    }

    @Test(arguments: ["", "@", "a@", "@x", "a@b/r", "a@b@c", "*/r", "a b@x", "*@xn--*.example", "a@exa<mple", "*@x/\u{301}r"])
    func refuses(_ pattern: String) {
        #expect(AddressGlob(pattern) == nil)
    }

    @Test func manyStarsStayFast() throws {
        let glob = try #require(AddressGlob(String(repeating: "a*", count: 200) + "b@x"))
        let address = try #require(Address(local: String(repeating: "a", count: 1_000), domain: "x"))
        #expect(!glob.matches(address))
    }

    @Test("One made of an address is that address and no other, stars and case included")
    func exact() throws {
        let star = try #require(Address("a*z@example.org"))
        let glob = AddressGlob(star)
        #expect(glob.matches(star) && glob.pattern == "a*z@example.org")
        for other in ["abz@example.org", "a*z@example.net", "example.org"] { #expect(try !glob.matches(#require(Address(other)))) }
        #expect(AddressGlob(try #require(Address("example.org"))).matches(try #require(Address("example.org"))))
    }
}
