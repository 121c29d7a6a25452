import OpenPGP
import Testing

/// R16: one mailbox, exactly, or none.
@Suite struct UserIDMailboxTests {
    @Test(
        "The forms in which keys name an address",
        arguments: [
            ("bot@example.org", "bot@example.org"), ("<bot@example.org>", "bot@example.org"), ("Bot <bot@example.org>", "bot@example.org"),
            ("Bot (test) <bot@example.org>", "bot@example.org"), ("\"Bot, the\" <bot@Example.ORG>", "bot@example.org"),
            ("Bot<bot@example.org>", "bot@example.org"), ("Jörg Müller <joerg@example.org>", "joerg@example.org"),
            ("ボット <bot+x@mail.example.org>", "bot+x@mail.example.org"), ("O'Brien <o'brien@example.org>", "o'brien@example.org"),
            ("Joe.Doe@Example.ORG", "Joe.Doe@example.org"), ("<jörg@exämple.org>", "jörg@exämple.org"), ("a@localhost", "a@localhost"),
            ("x <a@xn--exmple-cua.org>", "a@xn--exmple-cua.org"), ("x <1@1.example>", "1@1.example"),
        ]
    )
    func forms(_ text: String, _ address: String) {
        #expect(UserIDMailbox(userID: text)?.address == address)
    }

    @Test(
        "What could be read in two ways, or not at all, has none",
        arguments: [
            "", " ", "bot", "@", "bot@", "@example.org", "<>", "Bot", "Bot <>", "Bot <bot>", "xmpp:bot@example.org",
            "<xmpp:bot@example.org>",
            "mailto:bot@example.org", "Bot <xmpp:bot@example.org>",
            // Several addresses, or brackets.
            "<a@example.org> <b@example.org>", "a@example.org <b@example.org>", "<a@example.org>, b@example.org", "Bot <<a@example.org>>",
            "Bot <a@example.org", "a@example.org>", "<a@example.org>x", "<a@example.org> ", " <a@example.org>", " a@example.org",
            "a@example.org ", "Bot > <a@example.org>", "a@b@example.org", "<a@example.org>(b@example.org)", "a@example.org,b@example.org",
            "Bot < a@example.org>", "Bot <a@example.org >", "Bot <a @example.org>", "(x)a@example.org", "\"a b\"@example.org",
            "\"a\"@example.org",
            // Controls and what nobody sees.
            "a@example.org\0", "a\0@example.org", "Bot\n<a@example.org>", "a@example.org\r\n", "Bot\t<a@example.org>",
            "a@exam\u{ad}ple.org",
            "a\u{200b}@example.org", "Bot\u{202e} <a@example.org>", "a@example.org\u{feff}", "Bot\u{2028}<a@example.org>",
            "a\u{fe0f}@example.org", "a\u{3164}@example.org", "Bot\u{a0}<a@example.org>", "a\u{2800}@example.org",
            "Bot\u{e0041} <a@example.org>",
            "<\u{301}a@example.org>", "a@\u{301}example.org", "a\u{e000}@example.org",
            // No dot-atom, no host name.
            ".a@example.org", "a.@example.org", "a..b@example.org", "a@.example.org", "a@example.org.", "a@example..org", "a@-example.org",
            "a@example-.org", "a@exam_ple.org", "a@[127.0.0.1]", "a@127.0.0.1", "a@1", "a@example.org/x", "a@example.org:25",
            "a@exam ple.org",
            "a@example。org", "a＠example.org", "﹤a@example.org﹥", "a@example.org?b", "a;b@example.org", "a@example.org;",
        ]
    )
    func none(_ text: String) {
        #expect(UserIDMailbox(userID: text) == nil)
    }

    @Test("An address is what stands in the brackets, without them") func addresses() {
        #expect(UserIDMailbox(address: "bot@Example.org")?.userID == "<bot@example.org>")
        for text in ["<bot@example.org>", "Bot <bot@example.org>", " bot@example.org", "bot@example.org\n", ""] {
            #expect(UserIDMailbox(address: text) == nil)
        }
    }

    @Test("Local part exactly, domain but for ASCII's case, never a part of it") func comparison() throws {
        let mailbox = try #require(UserIDMailbox(address: "alice@example.org"))
        #expect(UserIDMailbox(userID: "Alice <alice@EXAMPLE.org>") == mailbox)
        for other in [
            "Alice <Alice@example.org>", "<alice@example.org.evil.test>", "<xalice@example.org>", "<alice@example.or>",
            "<alice@mail.example.org>",
            "<alice@exampleorg>", "<alice+x@example.org>", "<\u{430}lice@example.org>", "<alice@ex\u{430}mple.org>",
            "<alice@example.or\u{131}g>",
            "<ali\u{3f2}e@example.org>",
        ] {
            let found = try #require(UserIDMailbox(userID: other), "\(other)")
            #expect(found != mailbox, "\(other)")
        }
        // Texts that Swift calls equal are two addresses.
        let (one, two) = ("j\u{f6}rg@example.org", "jo\u{308}rg@example.org")
        #expect(one == two)
        let composed = try #require(UserIDMailbox(address: one))
        let decomposed = try #require(UserIDMailbox(address: two))
        #expect(composed != decomposed)
        // Only ASCII letters have a case: the Kelvin sign is no k, and an I with a dot no i.
        #expect(UserIDMailbox(address: "a@\u{212a}.org") != UserIDMailbox(address: "a@k.org"))
        #expect(UserIDMailbox(address: "a@\u{c4}.org") != UserIDMailbox(address: "a@\u{e4}.org"))
        let capitals = try #require(UserIDMailbox(address: "alice@EXAMPLE.ORG"))
        #expect(Set([mailbox, capitals]).count == 1)
    }

    @Test("RFC 5321: lengths") func lengths() {
        func made(_ local: Int, _ labels: [Int]) -> UserIDMailbox? {
            UserIDMailbox(
                address: String(repeating: "a", count: local) + "@"
                    + labels.map { String(repeating: "b", count: $0) }.joined(separator: ".")
            )
        }
        #expect(made(64, [63, 63, 61]) != nil)
        #expect(made(65, [3]) == nil)
        #expect(made(1, [64]) == nil)
        #expect(made(64, [63, 63, 62]) == nil)
        #expect(UserIDMailbox(userID: String(repeating: "x", count: 1100) + " <a@example.org>") == nil)
    }

    @Test("A key's User IDs for a mailbox, by exact text") func userIDs() throws {
        let mailbox = try #require(UserIDMailbox(address: "carol@example.org"))
        let texts = [
            "xmpp:carol@example.org", "Carol <carol@example.org>", "carol@EXAMPLE.org", "Carol <carol@example.org.evil>",
            "<carol@example.org>",
            "carol@example.org <mallory@example.org>",
        ]
        let fingerprint = try #require(Fingerprint(String(repeating: "A", count: 40)))
        let info = KeyInfo(
            fingerprint: fingerprint,
            userIDs: texts,
            created: 0,
            expires: nil,
            algorithm: "ed25519",
            hasSecret: false,
            unusable: nil
        )
        #expect(info.userIDs(for: mailbox) == ["Carol <carol@example.org>", "carol@EXAMPLE.org", "<carol@example.org>"])
    }
}
