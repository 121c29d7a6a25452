import Testing

@testable import Oxbow

@Suite struct MatcherTests {
    @Test(
        "R18: a pattern that backtracks without end is given up, and says so",
        arguments: ["^(a+)+$", "^(a|aa)+$", "^(a*)*[bc]", "^(\\w+\\s?)*$", "^(a|a?)+[cd]"]
    )
    func catastrophicBacktracking(pattern: String) throws {
        let matcher = try Matcher(pattern)
        #expect(matcher.verdict(on: String(repeating: "a", count: 2000) + "!") == .limit)
    }

    @Test("R18: eighteen letters are no trouble, and neither are long texts with honest patterns")
    func honest() throws {
        #expect(try Matcher("^(a+)+$").verdict(on: String(repeating: "a", count: 18)) == .matches)
        #expect(try Matcher("^.*end$").verdict(on: String(repeating: "a", count: 4000) + "end") == .matches)
        #expect(try Matcher("(?s)^!note .+$").verdict(on: "!note " + String(repeating: "x\n", count: 2000)) == .matches)
        #expect(try Matcher("^([a-z]+ )*[a-z]+$").verdict(on: String(repeating: "word ", count: 700) + "word") == .matches)
    }

    @Test("Patterns are PCRE2's and know Unicode")
    func unicode() throws {
        #expect(try Matcher("^!ping\\b").verdict(on: "!ping now") == .matches)
        #expect(try Matcher("^!ping\\b").verdict(on: "!pingü") == .differs)
        #expect(try Matcher("(?i)^ÄRGER$").verdict(on: "ärger") == .matches)
        #expect(try Matcher("^.$").verdict(on: "\u{1F403}") == .matches)
        #expect(try Matcher("").verdict(on: "") == .matches)
        #expect(try Matcher("a").verdict(on: "") == .differs)
        #expect(try Matcher("a\u{0}b").verdict(on: "a\u{0}b") == .matches)
    }

    @Test("R18: only the first 4 KiB are looked at, cut at a character")
    func cut() throws {
        let matcher = try Matcher("x")
        #expect(matcher.verdict(on: String(repeating: "a", count: 4095) + "x") == .matches)
        #expect(matcher.verdict(on: String(repeating: "a", count: 4096) + "x") == .differs)
        for lead in 0..<4 {
            let text = String(repeating: "a", count: lead) + String(repeating: "\u{1F403}", count: 2000)
            #expect(matcher.verdict(on: text) == .differs, "a torn character would be an error")
        }
    }

    @Test("A pattern that is none says where", arguments: [("(a", 2), ("a[", 2), ("*", 0), ("\\C", 2)])
    func wrong(pattern: String, offset: Int) {
        let error = #expect(throws: Matcher.PatternError.self) { try Matcher(pattern) }
        #expect(error?.offset == offset)
        #expect(error?.message.isEmpty == false)
    }
}
