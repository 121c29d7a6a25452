import MIME
import Testing

@Suite struct MailboxTests {
    @Test(
        arguments: [
            ("carol@example.org", "carol@example.org", nil),
            ("Carol <carol@example.org>", "carol@example.org", "Carol"),
            ("<carol@example.org>", "carol@example.org", nil),
            ("\"Doe, Jane\" <j.doe+x@Example.ORG>", "j.doe+x@Example.ORG", "Doe, Jane"),
            ("J. Random Hacker <jrh@example.org>", "jrh@example.org", "J. Random Hacker"),
            ("=?utf-8?q?J=C3=B6rg?= Müller <j@example.org>", "j@example.org", "Jörg Müller"),
            ("\"a \\\" b\" <c@localhost>", "c@localhost", "a \" b"),
            ("\"a, b\"@example.org", "\"a, b\"@example.org", nil),
            // Quoted without need: the same mailbox as without.
            ("\"carol\"@example.org", "carol@example.org", nil),
            // A name that turns text around doesn't.
            ("\"\u{202E}lorac\" <carol@example.org>", "carol@example.org", "lorac"),
            ("\"carol@example.org\" <mallory@example.net>", "mallory@example.net", "carol@example.org"),
        ] as [(String, String, String?)]
    )
    func parsesOneMailbox(text: String, address: String, name: String?) throws {
        let mailbox = try #require(Mailbox(parsing: text))
        #expect(mailbox.address == address)
        #expect(mailbox.name == name)
    }

    @Test(arguments: [
        "", " ", "carol", "@example.org", "carol@", "carol@example.org, dave@example.org", "carol@example.org,", ",carol@example.org",
        "carol@@example.org", "a@b@example.org", "carol@example..org", ".carol@example.org", "carol.@example.org", "ca rol@example.org",
        "carol@[127.0.0.1]", "carol@-example.org", "carol@exa_mple.org", "carol(comment)@example.org", "carol@example.org (Carol)",
        "Carol <carol@example.org> x", "Carol <carol@example.org", "carol@example.org>", "Carol <<carol@example.org>>",
        "Carol <@route.example:carol@example.org>", "Team: carol@example.org;", "undisclosed-recipients:;",
        "carol@example.org <mallory@example.net>", "<carol@example.org> <mallory@example.net>", "Carol <carol@example.org\u{0}>",
        "\"carol@example.org", "\"\"@example.org", "cärol@example.org", "carol@exämple.org", "Carol < carol@example.org >",
        "carol@example.org\r\nBcc: x@example.org", "a\u{0}b@example.org", "Carol\n <carol@example.org>\nX: y",
    ])
    func refusesWhatIsNoMailbox(text: String) {
        #expect(Mailbox(parsing: text) == nil)
    }

    @Test func lengthsAreLimited() {
        let local = String(repeating: "a", count: 64)
        #expect(Mailbox(address: "\(local)@example.org") != nil)
        #expect(Mailbox(address: "a\(local)@example.org") == nil)
        #expect(Mailbox(address: "a@\(local).org") == nil)
        let domain = Array(repeating: String(repeating: "b", count: 60), count: 4).joined(separator: ".")
        #expect(Mailbox(address: "aaaaaaaaaa@\(domain)") != nil)
        #expect(Mailbox(address: "aaaaaaaaaaa@\(domain)") == nil)
    }

    @Test func comparesDomainsWithoutCaseAndLocalPartsExactly() throws {
        let carol = try mailbox("Carol@Example.org", name: "Carol")
        #expect(carol.isSame(as: try mailbox("Carol@example.ORG")))
        #expect(!carol.isSame(as: try mailbox("carol@example.org")))
        #expect(!carol.isSame(as: try mailbox("Carol@example.org.evil.test")))
        #expect(carol.description == "Carol@Example.org")
    }

    /// R16: a User ID counts only if it is exactly one mailbox.
    @Test(
        arguments: [
            ("Carol <carol@example.org>", "carol@example.org"), ("<carol@example.org>", "carol@example.org"),
            ("carol@example.org", "carol@example.org"), ("Carol (work) <carol@example.org>", "carol@example.org"),
            ("Doe, Jane <j@example.org>", "j@example.org"), ("Jörg <j@example.org>", "j@example.org"),
            ("carol@example.org <carol@Example.org>", "carol@example.org"),
            ("xmpp:carol@example.org", nil), ("carol@example.org <mallory@example.net>", nil),
            ("<carol@example.org> <mallory@example.net>", nil), ("Mallory <mallory@example.net>, <carol@example.org>", nil),
            ("Carol <carol@example.org> ", nil), ("Carol<carol@example.org>", nil), ("Carol", nil), ("", nil), ("<>", nil),
            ("Carol <carol@example.org>\n<x@example.org>", nil), ("a\u{0}<carol@example.org>", nil), ("> <carol@example.org>", nil),
        ] as [(String, String?)]
    )
    func r16ReadsUserIDs(userID: String, address: String?) throws {
        let mailbox = Mailbox(userID: userID)
        if let address {
            #expect(try #require(mailbox).isSame(as: try MIMETests.mailbox(address)))
        } else {
            #expect(mailbox == nil)
        }
    }
}
