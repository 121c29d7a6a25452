import Foundation
import Testing
import XML

extension Interop {
    /// `oxbow send` without a daemon, and its exit codes.
    @Suite struct SendTests {
        @Test("0: sent, when the server has acknowledged it; arguments, standard input, several recipients (R8)")
        func sent() async throws {
            let rig = try Rig.current
            let sender = try await rig.server.account("sender")
            let oxbow = try OxbowProgram([.init(jid: sender, bots: [])], server: rig.server, bots: [:])
            let (alice, bob) = (try await rig.peer("alice"), try await rig.peer("bob"))
            for one in [alice, bob] { try await one.announce(try await one.makeKey()) }
            let start = alice.mark
            let sent = try await oxbow.command("send", "--to", alice.jid, "--to", bob.jid, input: "disk full\n")
            #expect(sent.code == 0, "\(sent.out)\(sent.err)")
            for one in [alice, bob] {
                let stanza = try await one.stanza(from: start, "the message") {
                    $0["from"]?.hasPrefix(sender) == true && $0.local == "message"
                }
                let opened = try await one.open(stanza)
                #expect(opened.body == "disk full")
                let addressees = opened.content.all("to", Wire.namespace).compactMap { $0["jid"] }
                #expect(addressees.first == one.jid)
                #expect(!addressees.contains(one.jid == alice.jid ? bob.jid : alice.jid))
            }
        }

        @Test("1: no text; 2: bad usage; 3: bad configuration; 4: no key")
        func codes() async throws {
            let rig = try Rig.current
            let sender = try await rig.server.account("sender")
            let oxbow = try OxbowProgram([.init(jid: sender, bots: [])], server: rig.server, bots: [:])
            let keyless = try await rig.peer("keyless")

            let usage = try await oxbow.command("send", input: "x")
            #expect(usage.code == 2, "\(usage.err)")
            let address = try await oxbow.command("send", "--to", "not an address", input: "x")
            #expect(address.code == 2, "\(address.err)")

            let start = keyless.mark
            let noKey = try await oxbow.command("send", "--to", keyless.jid, "--timeout", "20s", input: "secret words")
            #expect(noKey.code == 4, "\(noKey.out)\(noKey.err)")
            #expect(noKey.err.contains(keyless.jid))
            #expect(keyless.stanzas(from: start).allSatisfy { $0.local != "message" })
            #expect(try rig.server.seen(sender).allSatisfy { !$0.xml.contains("secret words") })

            try Folder.write("accounts: [{jid: x}]\n", to: oxbow.config)
            let configuration = try await oxbow.command("send", "--to", keyless.jid, input: "x")
            #expect(configuration.code == 3, "\(configuration.err)")
        }

        @Test("5: no server; and it says that the message was not sent")
        func offline() async throws {
            let rig = try Rig.current
            let sender = try await rig.server.account("sender")
            let oxbow = try OxbowProgram(
                [.init(jid: sender, bots: [], connect: "{host: 127.0.0.1, port: 1, tls: starttls}")],
                server: rig.server,
                bots: [:]
            )
            let sent = try await oxbow.command("send", "--to", "alice@localhost", "--timeout", "5s", input: "x")
            #expect(sent.code == 5, "\(sent.out)\(sent.err)")
        }
    }
}
