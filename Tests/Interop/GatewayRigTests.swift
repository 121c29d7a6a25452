import Foundation
import Testing
import XML

extension Interop {
    /// That the test kit's gateway does what gateways do, seen by a client that is not ours either.
    @Suite struct GatewayRigTests {
        private static let data = """
            <data xmlns='urn:xmpp:gre:0' formatter='urn:xmpp:gre:formatter:mime:0' encrypter='urn:xmpp:gre:encrypter:openpgp:0'/>
            """

        @Test("who has registered gets data, and letters go both ways")
        func letters() async throws {
            let rig = try Rig.current
            let bot = try await rig.peer("bot")
            let botKey = try await bot.makeKey()
            try await bot.announce(botKey)
            let gateway = try await Gateway(rig.server)
            let carol = try await gateway.person("carol@example.test", name: "Carol")
            #expect(carol.jid == #"carol\40example.test@email.localhost"#)

            #expect(try await bot.iq("get", to: carol.jid, Self.data)["type"] == "error")
            let form = """
                <query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'>
                <field var='FORM_TYPE' type='hidden'><value>jabber:iq:register</value></field>
                <field var='email'><value>bot@example.test</value></field><field var='password'><value>x</value></field></x></query>
                """
            #expect(try await bot.iq("set", to: gateway.jid, form)["type"] == "result")
            #expect(try await gateway.registrations()[bot.jid]?["email"] == "bot@example.test")
            let answer = try await bot.iq("get", to: carol.jid, Self.data)
            #expect(answer.serialized().contains("bot@example.test"))

            let carolKey = try await bot.learnKey(of: carol.jid)
            #expect(carolKey == carol.key)
            let start = gateway.mark
            let payload = try await bot.openPGP(
                "Subject: hi\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nto carol",
                signers: [botKey],
                to: [carolKey]
            )
            try await bot.send("<message to='\(carol.jid)' id='m1'>\(Wire.encrypted(payload))</message>")
            #expect(try await carol.learn(of: bot.jid) == [botKey])
            let opened = try await carol.letter(from: start)
            #expect(opened.isDecrypted && opened.signer == botKey && opened.text == "to carol" && opened.headers("subject") == ["hi"])
            #expect(try gateway.spool().contains("BEGIN PGP MESSAGE") && !gateway.spool().contains("to carol"))

            for form in ["combined", "encapsulated", "unsigned"] {
                let mark = bot.mark
                let written = try await carol.write(to: bot.jid, keys: [botKey], "to the bot", ["form": .string(form), "subject": "hello"])
                let stanza = try await bot.stanza(from: mark, "a letter") { $0.first("encrypted", Wire.relay) != nil }
                #expect(stanza["from"] == carol.jid && stanza["id"] == written.id)
                let text = try #require(stanza.first("encrypted", Wire.relay)?.text)
                let plain = try await bot.gpg(["--decrypt"], input: [UInt8](Data(base64Encoded: text) ?? Data()))
                #expect(plain.err.contains("DECRYPTION_OKAY") && plain.err.contains("VALIDSIG") == (form == "combined"))
                #expect(String(decoding: plain.out, as: UTF8.self).contains("to the bot"))
            }
        }

        @Test("it refuses plain messages when it says so, echoes what it refuses, and a spoofed one has no identity")
        func refusals() async throws {
            let rig = try Rig.current
            let bot = try await rig.peer("bot")
            let gateway = try await Gateway(rig.server, users: [bot.jid], ["encrypted_only": true])
            let start = bot.mark
            try await bot.send(#"<message to='carol\40example.test@email.localhost' id='m1'><body>plain</body></message>"#)
            let error = try await bot.stanza(from: start, "an error") { $0["type"] == "error" && $0["id"] == "m1" }
            #expect(error.serialized().contains("policy-violation") && error.serialized().contains("plain"))
            #expect(gateway.count("refused") == 1 && gateway.count("mail") == 0)

            let query = "<query xmlns='http://jabber.org/protocol/disco#info'/>"
            let honest = try await bot.iq("get", to: gateway.jid, query).serialized()
            #expect(honest.contains("gateway") && honest.contains("urn:xmpp:gre:encrypted_only:0"))
            let rogue = try await Gateway.spoofed(rig.server, users: [bot.jid])
            let spoofed = try await bot.iq("get", to: rogue.jid, query).serialized()
            #expect(spoofed.contains("urn:xmpp:gre:0") && !spoofed.contains("<identity") && !spoofed.contains(":identity"))
        }
    }
}
