import Testing

@testable import Alerting

@Suite struct ChatTextTests {
    @Test func controlsAndDirectionsGoOut() {
        #expect(ChatText.line("a\u{0}b\u{7}c\u{1B}[31md\u{9F}\u{7F}", limit: 99) == "abc[31md")
        #expect(ChatText.line("user\u{202E}gpj.exe\u{2066}\u{200F}\u{061C}", limit: 99) == "usergpj.exe")
        #expect(ChatText.line("a\u{FEFF}\u{200B}\u{AD}b\u{E0041}\u{E000}\u{FFFE}\u{10FFFF}", limit: 99) == "ab")
        #expect(ChatText.line("می‌خواهم 👩‍🔧", limit: 99) == "می‌خواهم 👩‍🔧")
    }

    @Test func aLineIsALine() {
        #expect(ChatText.line("  a\r\n\tb\u{2028}c \u{85} d\u{A0} ", limit: 99) == "a b c d")
        #expect(ChatText.line(" \n ", limit: 99) == "")
    }

    @Test func aBlockKeepsLines() {
        #expect(ChatText.block("\n a\r\n  b\n\n\n\nc\u{2029}d\n", limit: 99) == "a\n  b\n\nc\nd")
        #expect(ChatText.block("a" + String(repeating: " ", count: 500) + "b", limit: 99) == "a        b")
    }

    @Test func cutsWithAMark() {
        #expect(ChatText.line("one two three", limit: 9) == "one two…")
        #expect(ChatText.line("abcdef", limit: 6) == "abcdef")
        #expect(ChatText.line("abcdefg", limit: 6) == "abcde…")
        #expect(ChatText.line("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", limit: 10) == "👩‍👩‍👧‍👦…")
        #expect(ChatText.line("abc", limit: 0) == "…")
    }

    @Test func pilesOfMarksAreCut() {
        let pile = "a" + String(repeating: "\u{301}", count: 100_000)
        #expect(ChatText.line(pile, limit: 99).unicodeScalars.count == 16)
    }

    /// Something that isn't shown stands between them, so that they are many characters, and one when it is gone.
    @Test(arguments: ["\u{200B}", "\u{7}", "\u{202E}", "\u{E000}"])
    func pilesOfMarksDontGrowOverWhatIsDropped(_ dropped: String) {
        let marks = String(repeating: "\u{301}", count: 20) + dropped
        let pile = "a" + String(repeating: marks, count: 50)
        #expect(ChatText.line(pile, limit: 999).unicodeScalars.count == 16)
        #expect(ChatText.block(pile + " b" + pile, limit: 999).unicodeScalars.count == 34)
        #expect(ChatText.line("x " + marks + marks, limit: 999).unicodeScalars.count == 18)
        #expect(ChatText.line("e\(dropped)\u{301}t\(dropped)e\u{301}", limit: 999) == "e\u{301}te\u{301}")
    }

    @Test func millionsAreReadOnlyAsFarAsTheyCount() {
        let long = String(repeating: "x", count: 1_000_000)
        #expect(ChatText.block(long, limit: 100).unicodeScalars.count == 100)
        #expect(ChatText.line(String(repeating: "\u{202E}", count: 100_000) + "x", limit: 100) == "x")
    }
}
