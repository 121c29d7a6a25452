import Testing
import XML

extension Interop {
    /// The shipped bot relay between a client on XMPP and somebody behind a gateway, who has plain gpg.
    @Suite struct GatewayRelayTests {
        @Test("relay carries both ways, sealed anew on each leg, and leaves no plaintext; what comes back to it is a loop")
        func conversation() async throws {
            let rig = try Rig.current
            let bot = try await rig.server.account("relay")
            let alice = try await rig.peer("alice")
            let aliceKey = try await alice.makeKey()
            try await alice.announce(aliceKey)
            let gateway = try await Gateway(rig.server)
            let carol = try await gateway.person("carol@example.test", name: "Carol")
            let ends = "[\(alice.jid), \"mailto:\(carol.address) via \(gateway.jid)\"]"
            let oxbow = try OxbowProgram(
                [
                    .init(
                        jid: bot,
                        lines: [
                            "recipients: [\(alice.jid)]",
                            "gateways: [{jid: \(gateway.jid), web_key_directory: false, register: {email: relay@example.test, password: {env: MAIL_PASSWORD}}, "
                                + "keys: {\(carol.address): [\(carol.key)]}}]",
                        ]
                    )
                ],
                server: rig.server,
                bots: [
                    "all": """
                    allow: \(ends)
                    send_to: \(ends)
                    handlers:
                      - element: body
                        swift: relay
                        with:
                          rules: |
                            \(alice.jid) <-> mailto:\(carol.address) via \(gateway.jid)
                    """
                ]
            )
            let daemon = try await oxbow.run(environment: ["MAIL_PASSWORD": "the-mail-password"])
            try await daemon.announced()
            try await gateway.event("registered")
            let writer = Correspondent(peer: alice, key: aliceKey, bot: bot, botKey: try await alice.learnKey(of: bot))
            try await carol.learn(of: bot)
            let secret = "the-eagle-has-landed"

            var start = gateway.mark
            try await writer.say(secret + " ü")
            let mail = try await gateway.mail(from: start)
            #expect(mail.isEncrypted && mail.recipient == carol.address)
            let letter = try await carol.open(mail)
            #expect(letter.signer == writer.botKey && letter.defects.isEmpty, "\(letter.json)")
            #expect(letter.text.contains("\(alice.jid): \(secret) ü"))
            #expect(letter.headers("subject") == ["Message from \(alice.jid)"])
            #expect(letter.headers("auto-submitted").first?.hasPrefix("auto-") == true)
            let thread = try #require(try await gateway.record(of: mail)["thread"]?.string)

            let heard = alice.mark
            // Not carried: what nobody has signed, what is for somebody else, what a program wrote, and our own words.
            try await carol.write(to: bot, keys: [writer.botKey], "unsigned", ["form": "unsigned"])
            try await carol.write(to: bot, keys: [writer.botKey], "passed on", ["to_header": "somebody@example.test"])
            try await carol.write(to: bot, keys: [writer.botKey], "away", ["headers": ["Auto-Submitted": "auto-replied"]])
            try await carol.write(to: bot, keys: [writer.botKey], letter.text, ["thread": .string(thread)])
            try await carol.write(to: bot, keys: [writer.botKey], secret + " back", ["subject": "Lunch"])
            let answer = try await writer.answer(from: heard)
            #expect(answer.body == "\(carol.address) (Lunch): \(secret) back" && answer.signer == writer.botKey)

            start = gateway.mark
            try await writer.say("one more")
            let more = try await carol.letter(from: start)
            #expect(more.text.contains("\(alice.jid): one more") && more.headers("subject") == ["Re: Lunch"])

            let counters = try await daemon.status().counters(bot)
            #expect(counters["relay.all.carried"] == 3, "\(counters)")
            #expect(counters["relay.all.loop.echo"] == 1)
            #expect(counters["relay.all.automatic"] == 1)
            #expect(counters["refused.unsigned"] == 1 && counters["dispatch.unaddressed"] == 1)
            let log = daemon.leash.lines.items.map(\.text).joined(separator: "\n")
            #expect(!log.contains(secret))
            #expect(try !gateway.spool().contains(secret))
            #expect(try !rig.server.records().contains(secret))
        }
    }
}
