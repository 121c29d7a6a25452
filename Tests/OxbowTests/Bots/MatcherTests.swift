import Testing

@testable import Oxbow

@Suite struct MatcherTests {
    @Test("R18: a pattern that backtracks without end is given up at once, and says so")
    func catastrophicBacktracking() throws {
        let matcher = try Matcher("^(a+)+$")
        #expect(matcher.verdict(on: String(repeating: "a", count: 18)) == .matches)
        #expect(matcher.verdict(on: String(repeating: "a", count: 40) + "b") == .limit)
    }
}
