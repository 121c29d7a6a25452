import Foundation
import Testing
import XML

extension Interop {
    /// Oxbow and people behind a gateway that follows the specifications to the letter; those people have plain gpg.
    @Suite struct GatewayTests {
        /// Answers everything that people behind the gateway sign, and people on the server.
        private static let echo = """
            allow: ["*@localhost", "mailto:*@example.test via email.localhost"]
            handlers:
              - element: body
                swift: echo
            """

        private static func lines(_ carol: LegacyPerson?, register: Bool = true, _ more: String = "") -> [String] {
            let keys = carol.map { ", keys: {\($0.address): [\($0.key)]}" } ?? ""
            let form = register ? ", register: {email: bot@example.test, password: {env: MAIL_PASSWORD}}" : ""
            // Nothing leaves this machine: no mail domain is asked for keys.
            return ["gateways: [{jid: email.localhost, web_key_directory: false\(form)\(keys)\(more)}]"]
        }

        private static let environment = ["MAIL_PASSWORD": "the-mail-password"]

        /// A daemon whose bot is registered with a gateway behind which Carol is.
        private func scene(
            _ server: Prosody,
            bot yaml: String = GatewayTests.echo,
            account more: [String] = [],
            _ settings: [String: JSON] = [:]
        ) async throws -> (daemon: Daemon, bot: String, botKey: String, gateway: Gateway, carol: LegacyPerson) {
            let bot = try await server.account("bot")
            let gateway = try await Gateway(server, settings)
            let carol = try await gateway.person("carol@example.test", name: "Carol")
            let oxbow = try OxbowProgram(
                [.init(jid: bot, lines: Self.lines(carol) + more)],
                server: server,
                bots: ["all": yaml]
            )
            let daemon = try await oxbow.run(environment: Self.environment)
            try await daemon.announced()
            try await gateway.event("registered")
            let report = try JSON(line: try await oxbow.command("keys", "list", "--json").out)
            let botKey = try #require(report["own"]?.string)
            return (daemon, bot, botKey, gateway, carol)
        }

        @Test(
            "registration from YAML; a letter with a file, opened by plain gpg; the signed answer is answered in its thread; nobody else can read it"
        )
        func conversation() async throws {
            let rig = try Rig.current
            let (daemon, bot, botKey, gateway, carol) = try await scene(rig.server)
            let oxbow = daemon.oxbow
            #expect(try await gateway.registrations()[bot]?["password"] == "the-mail-password")
            // Nothing has been sent yet: the gateway is asked who we are, about the one person whom the configuration names.
            let early = try await oxbow.command("keys", "export", "--for-mail")
            #expect(early.code == 0 && early.out.hasPrefix("-----BEGIN PGP PUBLIC KEY BLOCK-----"), "\(early.err)")

            let secret = "eagle-\(Wire.id())"
            let file = oxbow.folder + "/report.txt"
            try Folder.write(secret + " in a file\n", to: file)
            var start = gateway.mark
            let sent = try await oxbow.command(
                "send",
                "--to",
                carol.address,
                "--via",
                gateway.jid,
                "--subject",
                "Re\(secret)",
                "--attach",
                file,
                secret + " ü"
            )
            #expect(sent.code == 0, "\(sent.out)\(sent.err)")
            let mail = try await gateway.mail(from: start)
            #expect(mail.isEncrypted && mail.recipient == carol.address)
            let letter = try await carol.open(mail)
            // Her gpg learns the bot's key from the letter itself (R23), and then verifies it.
            #expect(letter.isDecrypted && letter.defects.isEmpty, "\(letter.json)")
            #expect(letter.text.contains(secret + " ü"))
            #expect(letter.headers("subject") == ["Re\(secret)"])
            #expect(letter.headers("from").allSatisfy { $0.contains("bot@example.test") } && !letter.headers("from").isEmpty)
            #expect(letter.headers("autocrypt").contains { $0.contains("addr=bot@example.test") })
            #expect(letter.attachments.contains { $0.name == "report.txt" && $0.type == "text/plain" })
            #expect(letter.attachments.contains { $0.type == "application/pgp-keys" }, "first contact brings the key as a file (R23)")
            let export = try await oxbow.command("keys", "export", "--for-mail")
            #expect(export.code == 0, "\(export.err)")
            #expect(try await carol.learn(Array(export.out.utf8)) == [botKey])
            #expect(try await carol.open(mail).signer == botKey)
            // R16: what goes to mail has the mailbox and nothing else.
            let listed = String(decoding: try await carol.gpg(["--with-colons", "--list-keys", botKey]).out, as: UTF8.self)
            #expect(listed.contains("<bot@example.test>") && !listed.contains("xmpp:"))

            start = gateway.mark
            try await carol.write(to: bot, keys: [botKey], secret + " back", ["subject": "Lunch", "message_id": "<lunch@example.test>"])
            let answerMail = try await gateway.mail(from: start)
            let answer = try await carol.open(answerMail)
            #expect(answer.signer == botKey && answer.text.contains(secret + " back"))
            #expect(answer.headers("subject") == ["Re: Lunch"])
            let named = answer.headers("in-reply-to") + answer.headers("references")
            #expect(named.contains { $0.contains("<lunch@example.test>") }, "R21: answers stay in the thread: \(named)")
            // RFC 5322 § 3.6.4: an answer within a conversation names all of it.
            start = gateway.mark
            let followUp: [String: JSON] = [
                "message_id": "<lunch3@example.test>", "in_reply_to": "<\(answerMail.id)@example.test>",
                "references": "<lunch@example.test> <\(answerMail.id)@example.test>",
            ]
            try await carol.write(to: bot, keys: [botKey], "and then?", followUp)
            let second = try await carol.letter(from: start)
            #expect(second.headers("references") == ["<lunch@example.test> <\(answerMail.id)@example.test> <lunch3@example.test>"])
            #expect(second.headers("in-reply-to") == ["<lunch3@example.test>"])
            // A letter without words is heard too.
            start = gateway.mark
            let picture: JSON = ["name": "a.png", "type": "image/png", "data": "iVBORw=="]
            try await carol.write(to: bot, keys: [botKey], nil, ["attachments": [picture], "subject": "Picture"])
            #expect(try await carol.letter(from: start).headers("subject") == ["Re: Picture"])
            #expect(answer.headers("message-id") == ["<\(answerMail.id)@example.test>"], "R21")

            let status = try await oxbow.command("status")
            #expect(status.out.contains("gateway  email.localhost: we are bot@example.test; registration: registered"))
            let gateways = try await oxbow.command("gateways")
            #expect(gateways.code == 0 && gateways.out.contains("urn:xmpp:gre:formatter:mime:0"), "\(gateways.out)\(gateways.err)")

            // Nothing outside of the two ends holds the plaintext, nor the password.
            let log = daemon.leash.lines.items.map(\.text).joined(separator: "\n")
            for words in [secret, "the-mail-password"] {
                #expect(!Leaks.contains(words, log))
                #expect(try !gateway.spool().contains(words))
                #expect(try await Leaks.files(with: words, in: [oxbow.state]) == "")
            }
            // The sender's own file is at an end. What the server has stored and seen, the gateway's stanzas and spool, and shared memory aren't.
            try FileManager.default.removeItem(atPath: file)
            let server = URL(fileURLWithPath: rig.server.stanzaLog).deletingLastPathComponent().path
            #expect(try await Leaks.files(with: secret, in: [oxbow.folder, server, gateway.folder, "/dev/shm"]) == "")
            #expect(!Leaks.contains(secret, gateway.stanzas().map { $0.serialized() }.joined()))
            // What is not there can't be found: all of it holds the conversation, by its ids.
            #expect(try await Leaks.files(with: answerMail.id, in: [server]) != "")
        }

        @Test("R22: an inline message is answered; what is unsigned, passed on or spoofed is not, and counted")
        func inbound() async throws {
            let rig = try Rig.current
            let (daemon, bot, botKey, gateway, carol) = try await scene(rig.server)
            try await carol.learn(of: bot)
            let start = gateway.mark
            try await carol.write(to: bot, keys: [botKey], "unsigned", ["form": "unsigned"])
            try await carol.write(to: bot, keys: [botKey], "for another", ["to_header": "somebody@example.test"])
            try await carol.write(to: bot, keys: [botKey], "another author", ["from": "mallory@example.test"])
            try await carol.write(to: bot, keys: [botKey], "truncated", ["truncate": 200])
            try await carol.write(to: bot, keys: [botKey], "wrong kind", ["formatter": "urn:xmpp:gre:formatter:toy:0"])
            let rogue = try await Gateway.spoofed(rig.server, users: [bot])
            let mallory = try await rogue.person("carol@example.test")
            try await mallory.learn(of: bot)
            try await mallory.write(to: bot, keys: [botKey], "spoofed")
            try await carol.write(to: bot, keys: [botKey], "automatic", ["headers": ["Auto-Submitted": "auto-replied"]])
            // The last one is answered, and nothing before it.
            try await carol.write(to: bot, keys: [botKey], "honest")
            let answer = try await carol.letter(from: start)
            #expect(answer.text.contains("honest") && answer.signer == botKey)
            let counters = try await daemon.status().counters(bot)
            #expect(counters["refused.unsigned"] == 1, "\(counters)")
            #expect(counters["dispatch.unaddressed"] == 1)
            #expect(counters["dispatch.automatic"] == 1)
            #expect(counters["refused.gateway-from"] == 1)
            #expect(counters["refused.gateway-kind"] == 1)
            #expect(gateway.count("mail", from: start) == 1)
        }

        @Test("inline PGP in a plain body is opened and answered where the handler doesn't ask whom it is for (R22)")
        func inline() async throws {
            let rig = try Rig.current
            let yaml = Self.echo + "\n    addressed: any\n"
            let (_, bot, botKey, gateway, carol) = try await scene(rig.server, bot: yaml)
            try await carol.learn(of: bot)
            let start = gateway.mark
            try await carol.writeInline(to: bot, keys: [botKey], "inline words")
            let answer = try await carol.letter(from: start)
            #expect(answer.text.contains("inline words") && answer.signer == botKey)
        }

        @Test("unsigned: accept lets a handler have what nobody signed")
        func unsigned() async throws {
            let rig = try Rig.current
            let (_, bot, botKey, gateway, carol) = try await scene(rig.server, bot: Self.echo + "\n    unsigned: accept\n")
            try await carol.learn(of: bot)
            let start = gateway.mark
            try await carol.write(to: bot, keys: [botKey], "who am I", ["form": "unsigned"])
            #expect(try await carol.letter(from: start).text.contains("who am I"))
        }

        /// `oxbow send` alone: each is a session of its own.
        private func alone(
            _ jid: String = "email.localhost",
            _ settings: [String: JSON] = [:],
            publishes: Bool = true
        ) async throws -> (oxbow: OxbowProgram, gateway: Gateway, carol: LegacyPerson, bot: String) {
            let rig = try Rig.current
            let bot = try await rig.server.account("bot")
            let gateway =
                jid == "rogue.localhost"
                ? try await Gateway.spoofed(rig.server, users: [bot]) : try await Gateway(rig.server, users: [bot], settings)
            let carol = try await gateway.person("carol@example.test", isPublished: publishes)
            let oxbow = try OxbowProgram(
                [.init(jid: bot, lines: ["gateways: [{jid: \(jid), web_key_directory: false}]"], bots: [])],
                server: rig.server,
                bots: [:]
            )
            return (oxbow, gateway, carol, bot)
        }

        private func send(_ oxbow: OxbowProgram, _ carol: LegacyPerson) async throws -> Leash.End {
            try await oxbow.command("send", "--to", carol.address, "--via", carol.gateway.jid, "--timeout", "60s", "words")
        }

        @Test("S19: a gateway that took only encrypted messages and says so no more gets nothing until the operator accepts it")
        func policy() async throws {
            let (oxbow, gateway, carol, _) = try await alone("email.localhost", ["encrypted_only": true])
            let first = try await send(oxbow, carol)
            #expect(first.code == 0, "\(first.out)\(first.err)")
            try await gateway.behave(["encrypted_only": false])
            let start = gateway.mark
            let held = try await send(oxbow, carol)
            #expect(held.code == 1 && held.err.contains("says so no more"), "\(held.err)")
            #expect(gateway.count("mail", from: start) == 0)
            let accepted = try await oxbow.command("gateways", "accept", gateway.jid)
            #expect(accepted.code == 0, "\(accepted.out)\(accepted.err)")
            let again = try await send(oxbow, carol)
            #expect(again.code == 0, "\(again.out)\(again.err)")
        }

        @Test("A27: a gateway that swaps sender_id gets nothing")
        func swap() async throws {
            let (oxbow, gateway, carol, bot) = try await alone()
            #expect(try await send(oxbow, carol).code == 0)
            try await gateway.behave(["sender_ids": [bot: "mallory@example.test"]])
            let start = gateway.mark
            let held = try await send(oxbow, carol)
            #expect(held.code == 1 && held.err.contains("mallory@example.test"), "\(held.err)")
            #expect(gateway.count("mail", from: start) == 0)
        }

        @Test("what a gateway refuses is an error for who waits for it; a domain without its identity is no gateway; without a key it is 4")
        func refusals() async throws {
            let (oxbow, gateway, carol, _) = try await alone()
            try await gateway.behave(["relay": ["condition": "policy-violation", "type": "modify", "text": "No."]])
            let refused = try await send(oxbow, carol)
            #expect(refused.code == 1 && refused.err.contains("policy forbids"), "\(refused.out)\(refused.err)")

            let dave = try await gateway.person("dave@example.test", isPublished: false)
            let noKey = try await send(oxbow, dave)
            #expect(noKey.code == 4, "\(noKey.out)\(noKey.err)")

            let rogue = try await alone("rogue.localhost")
            let spoofed = try await send(rogue.oxbow, rogue.carol)
            #expect(spoofed.code == 1 && spoofed.err.contains("doesn't say that it is a gateway"), "\(spoofed.err)")
            #expect(rogue.gateway.count("mail") == 0)
        }

        @Test(
            "the highest version that both have is taken; a gateway with nothing that we have is refused, and the error lists what it offers"
        )
        func versions() async throws {
            let mime = (0...9).map { "urn:xmpp:gre:formatter:mime:\($0)" }
            let openpgp = (0...9).map { "urn:xmpp:gre:encrypter:openpgp:\($0)" }
            let later: [String: JSON] = [
                "formatters": .array(mime.reversed().map(JSON.string)), "encrypters": .array(openpgp.reversed().map(JSON.string)),
            ]
            let (oxbow, gateway, carol, _) = try await alone("email.localhost", later)
            var start = gateway.mark
            #expect(try await send(oxbow, carol).code == 0)
            let record = try await gateway.record(of: try await gateway.mail(from: start))
            #expect(record["formatter"]?.string == mime[0] && record["encrypter"]?.string == openpgp[0])

            try await gateway.behave([
                "formatters": ["urn:xmpp:gre:formatter:wasm:4"], "encrypters": .array(openpgp[1...].map(JSON.string)),
            ])
            start = gateway.mark
            let refused = try await send(oxbow, carol)
            #expect(refused.code == 1 && refused.err.contains("urn:xmpp:gre:formatter:wasm:4"), "\(refused.err)")
            #expect(refused.err.contains(openpgp[9]), "\(refused.err)")
            #expect(gateway.count("mail", from: start) == 0)
        }

        @Test("the key that only the gateway vouches for is shown as such")
        func vouched() async throws {
            let (oxbow, _, carol, _) = try await alone()
            #expect(try await send(oxbow, carol).code == 0)
            let keys = try await oxbow.command("keys", "show", "mailto:carol@example.test via email.localhost")
            #expect(keys.out.contains("only the gateway vouches for it"), "\(keys.out)\(keys.err)")
            let found = try await oxbow.command("gateways", "discover", "localhost")
            #expect(found.code == 0, "\(found.err)")
            let fields = try await oxbow.command("gateways", "fields", "email.localhost")
            #expect(fields.out.contains("email") && fields.out.contains("password"), "\(fields.out)\(fields.err)")
        }

        @Test("R11: 1 MiB of attachment goes both ways where the server lets it, and is refused by its limit where max_stanza says so")
        func large() async throws {
            let server = try await Prosody(stanzaLimit: 8 << 20)
            Cleanup.after { await server.end() }
            let (daemon, bot, botKey, gateway, carol) = try await scene(server, bot: Self.echo)
            let oxbow = daemon.oxbow
            let random = try #require(FileHandle(forReadingAtPath: "/dev/urandom"))
            let bytes = try #require(try random.read(upToCount: 1 << 20))
            let file = oxbow.folder + "/big.bin"
            try bytes.write(to: URL(fileURLWithPath: file))
            var start = gateway.mark
            let sent = try await oxbow.command(
                "send",
                "--to",
                carol.address,
                "--via",
                gateway.jid,
                "--attach",
                file,
                "--timeout",
                "120s",
                "big"
            )
            #expect(sent.code == 0, "\(sent.out)\(sent.err)")
            let letter = try await carol.letter(from: start)
            #expect(letter.attachments.contains { $0.name == "big.bin" && $0.size == bytes.count }, "\(letter.structure)")

            try await carol.learn(of: bot)
            start = gateway.mark
            let attachment: JSON = ["name": "back.bin", "data": .string(bytes.base64EncodedString())]
            try await carol.write(to: bot, keys: [botKey], "got it", ["attachments": [attachment]])
            #expect(try await carol.letter(from: start, within: .seconds(120)).text.contains("got it"))

            // Before any network traffic: there isn't even a server.
            let small = try OxbowProgram(
                [
                    .init(
                        jid: bot,
                        lines: ["max_stanza: 200k"] + Self.lines(carol, register: false),
                        bots: [],
                        connect: "{host: 127.0.0.1, port: 1, tls: starttls}"
                    )
                ],
                server: server,
                bots: [:]
            )
            let refused = try await small.command("send", "--to", carol.address, "--via", gateway.jid, "--attach", file, "big")
            #expect(refused.code == 1 && refused.err.contains("204800"), "\(refused.out)\(refused.err)")
        }
    }
}
