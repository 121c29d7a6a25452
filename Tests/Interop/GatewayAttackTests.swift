import Foundation
import Testing

extension Interop {
    /// A27 and what else comes through a gateway that means harm, or lets others do it.
    @Suite struct GatewayAttackTests {
        /// A letter that must reach no handler.
        private struct Attack {
            var name: String
            /// The counter that tells of it.
            var counter: String
            var letter: [String: JSON]

            init(_ name: String, _ counter: String, _ letter: [String: JSON]) {
                (self.name, self.counter, self.letter) = (name, counter, letter)
            }
        }

        private static let openpgp = "<openpgp xmlns='urn:xmpp:openpgp:0'>AAAA</openpgp>"
        private static let forwarded = "<forwarded xmlns='urn:xmpp:forward:0'/>"
        private static let attacks = [
            Attack("nobody has signed it", "refused.unsigned", ["form": "unsigned"]),
            Attack("signed, and not encrypted", "refused.undecryptable", ["form": "unencrypted"]),
            Attack("another author", "refused.gateway-from", ["from": "mallory@example.test"]),
            Attack("two authors", "refused.gateway-from", ["from": "carol@example.test, mallory@example.test"]),
            Attack("two From fields", "refused.gateway-from", ["headers": ["FROM": "mallory@example.test"]]),
            Attack("a From in the From", "refused.gateway-from", ["from": "carol@example.test\r\nFrom: mallory@example.test"]),
            Attack("a From in the Subject", "refused.gateway-from", ["subject": "x\r\nFrom: mallory@example.test"]),
            Attack("for somebody else", "dispatch.unaddressed", ["to_header": "somebody@example.test"]),
            Attack(
                "for somebody else, with us in the display name",
                "dispatch.unaddressed",
                ["to_header": "\"BOT\" <somebody@example.test>"]
            ),
            Attack("multiparts in multiparts", "refused.gateway-content", ["depth": 60]),
            Attack("parts beside parts", "refused.gateway-content", ["parts": 2000]),
            Attack("a long header", "refused.gateway-content", ["header_length": 200_000]),
            Attack("a bomb", "refused.limits", ["fill": .number(Double(48 << 20)), "compress": "zlib"]),
            Attack("no base64", "refused.envelope", ["payload": "%%%"]),
            Attack("nothing", "refused.envelope", ["payload": ""]),
            Attack("no OpenPGP", "refused.envelope", ["payload": "aGVsbG8="]),
            Attack("cut off", "refused.undecryptable", ["truncate": 200]),
            Attack("an unknown formatter", "refused.gateway-kind", ["formatter": "urn:xmpp:gre:formatter:toy:0"]),
            Attack("a formatter's later version", "refused.gateway-kind", ["formatter": "urn:xmpp:gre:formatter:mime:1"]),
            Attack("an unknown encrypter", "refused.gateway-kind", ["encrypter": "urn:xmpp:gre:encrypter:rot13:0"]),
            Attack("the wrong way round", "refused.gateway-kind", ["formatter": "urn:xmpp:gre:encrypter:openpgp:0"]),
            Attack("two ciphertexts", "refused.envelope", ["extra": .string(Wire.encrypted("AAAA"))]),
            Attack("OX beside it", "refused.envelope", ["extra": .string(openpgp)]),
            Attack("a forwarded message beside it", "refused.wrapper", ["extra": .string(forwarded)]),
            Attack("a headline", "refused.type", ["type": "headline"]),
            Attack("old", "refused.stale", ["date": -800_000]),
            Attack("from the future", "refused.time", ["date": 90_000]),
            Attack("a program's", "dispatch.automatic", ["headers": ["Auto-Submitted": "auto-replied"]]),
        ]

        @Test(
            "A27: each is refused or not answered, and counted; the sender's honest mail and other accounts' people are answered all the same"
        )
        func attacks() async throws {
            let rig = try Rig.current
            let (bot, other) = (try await rig.server.account("bot"), try await rig.server.account("other"))
            let gateway = try await Gateway(rig.server, users: [bot])
            let carol = try await gateway.person("carol@example.test")
            let line = "gateways: [{jid: email.localhost, web_key_directory: false, keys: {\(carol.address): [\(carol.key)]}}]"
            let oxbow = try OxbowProgram(
                [.init(jid: bot, lines: [line]), .init(jid: other)],
                server: rig.server,
                bots: [
                    "all": """
                    allow: ["*@localhost", "mailto:*@example.test via email.localhost", "*@rogue.localhost"]
                    handlers:
                      - element: body
                        swift: echo
                    """
                ]
            )
            let daemon = try await Daemon.online(oxbow, count: 2)
            let alice = try await rig.correspondent("alice", with: other)
            #expect(try await alice.ask("before") == "before")
            let botKey = try #require(try await carol.learn(of: bot).first)

            var start = gateway.mark
            try await carol.write(to: bot, keys: [botKey], "first")
            let session = try await gateway.mail(from: start).sender

            start = gateway.mark
            var expected: [String: Int] = [:]
            for attack in Self.attacks {
                try await carol.write(to: bot, keys: [botKey], attack.name, attack.letter)
                expected[attack.counter, default: 0] += 1
            }
            // An error, which servers keep from bare JIDs. Her other key, which nobody vouches for; a letter twice; a letter of another gateway, which nobody has configured.
            try await carol.write(to: session, keys: [botKey], "an error", ["type": "error"])
            expected["refused.type", default: 0] += 1
            let strange = try await carol.makeKey()
            try await carol.write(to: bot, keys: [botKey], "another key", ["signers": [.string(strange)]])
            expected["refused.wrong-signer", default: 0] += 1
            let rogue = try await Gateway.spoofed(rig.server, users: [bot])
            let mallory = try await rogue.person("carol@example.test")
            try await mallory.learn(of: bot)
            try await mallory.write(to: bot, keys: [botKey], "spoofed")
            expected["refused.gateway-not", default: 0] += 1
            let twice = try await carol.write(to: bot, keys: [botKey], "twice", ["headers": ["Auto-Submitted": "auto-replied"]])
            try await gateway.send(try #require(twice.stanza))
            try await gateway.send(try #require(twice.stanza).replacing(twice.id, with: "another-id"))
            expected["dispatch.automatic", default: 0] += 1
            expected["refused.replay", default: 0] += 2

            #expect(try await alice.ask("meanwhile") == "meanwhile")
            try await carol.write(to: bot, keys: [botKey], "honest")
            let answer = try await carol.letter(from: start, within: .seconds(120))
            #expect(answer.text.contains("honest") && answer.signer == botKey)
            #expect(gateway.count("mail", from: start) == 1, "one answer, and no other mail")

            let status = try await daemon.status()
            let counted = try status.counters(bot).filter { $0.key.hasPrefix("refused.") || $0.key.hasPrefix("dispatch.") }
            #expect(counted == expected)
            let others = try status.counters(other)
            #expect(!others.keys.contains { $0.hasPrefix("refused.") || $0.hasPrefix("dispatch.") }, "\(others)")
            #expect(try await alice.ask("after") == "after")
        }

        @Test(
            "A27, S19: what a gateway that has gone back on its word would get is held, the admins hear of it once, and accepting lets it go"
        )
        func held() async throws {
            let rig = try Rig.current
            let bot = try await rig.server.account("bot")
            let admin = try await rig.peer("admin")
            let adminKey = try await admin.makeKey()
            try await admin.announce(adminKey)
            let gateway = try await Gateway(rig.server, users: [bot])
            let carol = try await gateway.person("carol@example.test")
            let line = "gateways: [{jid: email.localhost, web_key_directory: false, keys: {\(carol.address): [\(carol.key)]}}]"
            let oxbow = try OxbowProgram([.init(jid: bot, lines: [line, "admins: [\(admin.jid)]"])], server: rig.server)
            let queue = ["send", "--queue", "--to", carol.address, "--via", gateway.jid]
            func send(_ text: String) async throws {
                let end = try await oxbow.command(queue[0], queue[1], queue[2], queue[3], queue[4], queue[5], text)
                #expect(end.code == 0, "\(end.out)\(end.err)")
            }

            let first = try await Daemon.online(oxbow)
            var start = gateway.mark
            try await send("before")
            _ = try await gateway.mail(from: start)
            // What the server hasn't acknowledged when a process ends goes again, with the same id.
            _ = try await shown("sent", oxbow)
            #expect(try await first.terminate().code == 0)

            try await gateway.behave(["sender_ids": [bot: "mallory@example.test"]])
            let told = admin.mark
            start = gateway.mark
            let daemon = try await oxbow.run()
            try await daemon.logged("online")
            try await send("one")
            try await send("two")
            try await daemon.logged("gateway-sender-changed")
            let writer = Correspondent(peer: admin, key: adminKey, bot: bot, botKey: try await admin.learnKey(of: bot))
            let news = try await writer.answer(from: told)
            #expect(news.body?.contains("mallory@example.test") == true && news.body?.contains("oxbow gateways accept") == true)
            let item = try await shown("held", oxbow)
            #expect(
                item["reason"] == "operator" && item["words"]?.string?.contains("oxbow gateways accept email.localhost") == true,
                "\(item)"
            )
            #expect(gateway.count("mail", from: start) == 0)

            let accepted = try await oxbow.command("gateways", "accept", gateway.jid)
            #expect(accepted.code == 0, "\(accepted.out)\(accepted.err)")
            // At once: otherwise a minute would pass.
            let letters = [
                try await carol.letter(from: start, within: .seconds(40)), try await carol.letter(from: start, within: .seconds(40)),
            ]
            #expect(letters.allSatisfy { $0.headers("from").contains { $0.contains("mallory@example.test") } })
            #expect(writer.answers(from: told) == 1, "told once")
        }

        /// The first message of the outbox that is in a state.
        private func shown(_ state: String, _ oxbow: OxbowProgram) async throws -> JSON {
            for _ in 0..<200 {
                let report = try JSON(line: try await oxbow.command("outbox", "list", "--all", "--json").out)
                if let item = report.array?.first(where: { $0["state"]?.string == state }) { return item }
            }
            throw Trouble("nothing in the outbox is \(state)")
        }
    }
}
