import Testing

@testable import Alerting

@Suite struct SlackTextTests {
    @Test(arguments: [
        ("plain", "plain"), ("<https://a.example|the panel> is red", "the panel (https://a.example) is red"),
        ("<https://a.example>", "https://a.example"),
        ("<!here> <!subteam^S1|@ops> <!date^1^x|Tuesday>", "@here @ops Tuesday"), ("<!date^1^x>", "@date"),
        ("<@U1> <#C1|general>", "@U1 #general"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"), ("&amp;lt;", "&lt;"), ("a < b", "a < b"), ("<a\nb>", "<a\nb>"),
        ("<<<<", "<<<<"),
        ("<>", ""), ("<|>", ""), ("<https://a.example|https://a.example>", "https://a.example"),
        ("<https://a.example/?a=1&amp;b=2|x>", "x (https://a.example/?a=1&b=2)"),
    ])
    func plain(_ text: String, _ expected: String) {
        #expect(SlackText.plain(text) == expected)
    }
}
