import Testing
import XML

@Suite struct NameTests {
    @Test func clarkNotation() {
        #expect(Name(clark: "body") == Name("body"))
        #expect(Name(clark: "{urn:x}a") == Name("a", "urn:x"))
        #expect(Name(clark: "{}a") == Name("a"))
        for text in ["", "{urn:x}", "{urn:x", "urn:x}a", "{a}{b}c"] { #expect(Name(clark: text) == nil) }
        for name in [Name("a"), Name("a", "urn:x")] { #expect(Name(clark: name.description) == name) }
    }
}
