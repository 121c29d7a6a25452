import Foundation
import Testing

extension Interop {
    /// Bad input: one clear line, the right exit code, and only the account or bot concerned is affected.
    @Suite struct BadInputTests {
        @Test("A mistake in one account leaves the other online")
        func accountMistake() async throws {
            let rig = try Rig.current
            let (good, bad) = (try await rig.server.account("good"), try await rig.server.account("bad"))
            let oxbow = try OxbowProgram([.init(jid: good), .init(jid: bad, lines: ["trsut: tofu"])], server: rig.server)
            let check = try await oxbow.command("check")
            #expect(check.code == 3)
            let said = check.out + check.err
            #expect(said.contains("config.yaml:") && said.contains("trsut") && said.contains("trust"), "\(said)")
            _ = try await Daemon.online(oxbow)
            let alice = try await rig.correspondent("alice", with: good)
            #expect(try await alice.ask("hello") == "hello")
        }

        @Test("A missing program affects its bot, not the others")
        func missingProgram() async throws {
            let rig = try Rig.current
            let bot = try await rig.server.account("bot")
            let broken = "allow: [\"*@localhost\"]\nhandlers:\n  - element: body\n    match: '^!broken'\n    exec: [./nowhere.py]\n"
            let oxbow = try OxbowProgram(
                [.init(jid: bot, bots: ["broken", "all"])],
                server: rig.server,
                bots: ["all": OxbowProgram.echoAll, "broken": broken]
            )
            let check = try await oxbow.command("check")
            #expect(check.code == 3)
            #expect((check.out + check.err).contains("nowhere.py"), "\(check.out)\(check.err)")
            let daemon = try await Daemon.online(oxbow)
            let alice = try await rig.correspondent("alice", with: bot)
            #expect(try await alice.ask("hello") == "hello")
            #expect(try await daemon.status().account(bot).line.contains("nowhere.py"))
        }

        @Test("YAML that can't be read", arguments: ["accounts: [", "accounts:\n\t- jid: x", "*nothing"])
        func yaml(text: String) async throws {
            let rig = try Rig.current
            let oxbow = try OxbowProgram([], server: rig.server)
            try Folder.write(text + "\n", to: oxbow.config)
            for command in ["check", "run"] {
                let end = try await oxbow.command(command)
                #expect(end.code == 3, "\(end.err)")
                #expect((end.out + end.err).contains("config.yaml:"), "\(end.out)\(end.err)")
            }
        }

        @Test("A keyring that can't be used: its account says so, the other one works")
        func keyring() async throws {
            let rig = try Rig.current
            let (good, bad) = (try await rig.server.account("good"), try await rig.server.account("bad"))
            let oxbow = try OxbowProgram(
                [.init(jid: good), .init(jid: bad, lines: ["keyring: {home: not-a-folder}"])],
                server: rig.server
            )
            try Folder.write("a file, where a folder should be", to: oxbow.folder + "/not-a-folder")
            let daemon = try await Daemon.online(oxbow)
            let alice = try await rig.correspondent("alice", with: good)
            #expect(try await alice.ask("hello") == "hello")
            let status = try await daemon.status()
            #expect(try status.state(bad) == "failed")
            #expect(try status.reason(bad).contains("not-a-folder"))
        }
    }
}
