import OX
import Testing
import XMPP

@Suite("S3b User IDs")
struct UserIDRuleTests {
    @Test("T13 raw and percent-encoded")
    func accepted() {
        #expect(UserIDRule.xmpp.accepts("xmpp:alice@ox.test", for: aliceJID))
        #expect(UserIDRule.xmpp.accepts("xmpp:alice@ox.test", for: jid("alice@ox.test/phone")))
        #expect(UserIDRule.xmpp.accepts("xmpp:%61lice@ox.test", for: aliceJID))
        let escaped = jid("user\\40mail.test@gw.test")
        #expect(UserIDRule.xmpp.accepts("xmpp:user\\40mail.test@gw.test", for: escaped))
        #expect(UserIDRule.xmpp.accepts("xmpp:user%5C40mail.test@gw.test", for: escaped))
        #expect(UserIDRule.xmpp.accepts("xmpp:user%5c40mail.test@gw.test", for: escaped))
    }

    @Test(
        "A9 what only looks like it",
        arguments: [
            "xmpp:alice@ox.test.evil", "xxmpp:alice@ox.test", "XMPP:alice@ox.test", "xmpp:ALICE@ox.test", "xmpp:alice@OX.test",
            "xmpp:alice@ox.test ",
            " xmpp:alice@ox.test", "xmpp:alice@ox.test\u{0}", "xmpp:alice@ox.test\n", "xmpp:\u{202e}alice@ox.test",
            "xmpp:alice@ox.test/phone",
            "xmpp:alice@ox.test?message", "xmpp:malice@ox.test", "xmpp:alice", "xmpp:", "", "alice@ox.test", "Alice <xmpp:alice@ox.test>",
            "<xmpp:alice@ox.test>",
            "xmpp:alice%40ox.test.evil", "xmpp:alice@ox.tes%74%", "xmpp:alice@ox.test%00", "xmpp:alice@ox.test%", "xmpp:alice@ox.test%2",
            "xmpp:alice%2540ox.test",
            "xmpp:\u{430}lice@ox.test", "xmpp:alice@ox\u{ff0e}test", "xmpp://alice@ox.test", "mailto:alice@ox.test",
            "xmpp:alice@ox.test%ff",
        ]
    )
    func refused(_ userID: String) {
        #expect(!UserIDRule.xmpp.accepts(userID, for: aliceJID))
    }

    @Test("A9 canonically equivalent is not equal") func equivalence() {
        let composed = jid("caf\u{e9}@ox.test")
        #expect(UserIDRule.xmpp.accepts("xmpp:caf\u{e9}@ox.test", for: composed))
        #expect(!UserIDRule.xmpp.accepts("xmpp:cafe\u{301}@ox.test", for: composed))
    }

    @Test("T13 a name in front only where the operator asks for it") func named() {
        #expect(UserIDRule.xmppWithName.accepts("Alice <xmpp:alice@ox.test>", for: aliceJID))
        #expect(UserIDRule.xmppWithName.accepts("xmpp:alice@ox.test", for: aliceJID))
        #expect(!UserIDRule.xmppWithName.accepts("Alice <xmpp:alice@ox.test.evil>", for: aliceJID))
        #expect(!UserIDRule.xmppWithName.accepts("Alice <xmpp:alice@ox.test> x", for: aliceJID))
        #expect(!UserIDRule.xmppWithName.accepts("xmpp:alice@ox.test <xmpp:mallory@ox.test>", for: aliceJID))
    }
}
