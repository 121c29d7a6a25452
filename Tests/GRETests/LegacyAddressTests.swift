import GRE
import Testing
import XMPP

@Suite("People behind gateways") struct LegacyAddressTests {
    @Test("XEP-0106: an address becomes a JID, and back")
    func escaping() throws {
        let carol = try LegacyAddress(mail: "carol@example.org", via: "email.example.net")
        #expect(carol.jid == jid("carol\\40example.org@email.example.net"))
        #expect(carol.text == "carol@example.org")
        #expect(try LegacyAddress(jid: jid("carol\\40example.org@email.example.net/x")) == carol)
        #expect(try LegacyAddress(parsing: "\(carol)") == carol)
        #expect(try LegacyAddress(mail: "d'artagnan@example.org", via: "email.example.net").jid.local == "d\\27artagnan\\40example.org")
    }

    @Test("JIDs are in lower case, and so is the address that they carry")
    func folding() throws {
        #expect(try LegacyAddress(mail: "Carol@Example.ORG", via: "email.example.net").text == "carol@example.org")
    }

    @Test(
        "What names nobody is an error that says why",
        arguments: [
            ("carol@example.org via email.example.net", "mailto:"), ("mailto:carol@example.org", "via"),
            ("mailto: via x.test", "mail address"),
            ("mailto:carol via x.test", "mail address"), ("mailto:a@b.test,c@d.test via x.test", "mail address"),
            ("mailto:Carol <carol@example.org> via x.test", "via"), ("mailto:carol@example.org via bot@x.test", "domain"),
            ("mailto:carol@example.org via", "via"), ("", "via"),
        ]
    )
    func errors(_ text: String, _ word: String) {
        do throws(LegacyAddressError) {
            let address = try LegacyAddress(parsing: text)
            Issue.record("\(address)")
        } catch {
            #expect(error.description.contains(word), "\(error)")
        }
    }

    @Test("A gateway is nobody behind itself")
    func gatewayItself() {
        #expect(throws: LegacyAddressError.self) { try LegacyAddress(jid: jid("email.example.net")) }
    }
}
