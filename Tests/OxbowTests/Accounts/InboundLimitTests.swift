import Testing
import YAMLConfiguration

@testable import Oxbow

struct InboundLimitTests {
    @Test(
        "max_stanza says what may go out: it never narrows what comes in",
        arguments: [
            ("", 1 << 20), ("max_stanza: 200k", 1 << 20), ("max_stanza: 2m", 2 << 20), ("gateways: [{jid: e.net}]", 8 << 20),
            ("max_stanza: 200k\n    gateways: [{jid: e.net}]", 8 << 20), ("max_stanza: 20m\n    gateways: [{jid: e.net}]", 20 << 20),
        ]
    )
    func limit(lines: String, bytes: Int) throws {
        let text = "accounts:\n  - jid: bot@example.net\n    password: x\n    \(lines)\n"
        let settings = try Settings.read(try ConfigurationFile(text: text, path: "/c.yaml"), environment: [:])
        let account = try #require(settings.accounts.first)
        #expect(SessionPlan.inboundLimit(account, usual: 1 << 20) == bytes)
    }
}
