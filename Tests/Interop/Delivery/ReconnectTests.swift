import Foundation
import Testing

extension Delivery.Waiting {
    /// What can become of an account or of its server while the bot runs, and how it gets over it. (A restart of the server, cuts and
    /// what was sent meanwhile: `LifeTests`; lines that die without a word and all that may happen to one: `LineTests`.) Most of the time
    /// they wait for the next attempt.
    @Suite struct ReconnectTests {
        @Test("An account that is deleted is left alone and tried slowly, the other works; made anew, a reload brings it back")
        func deleted() async throws {
            let rig = try Rig.current
            let (bot, other) = (try await rig.server.account("bot"), try await rig.server.account("other"))
            let oxbow = try OxbowProgram([.init(jid: bot), .init(jid: other)], server: rig.server)
            let daemon = try await Daemon.online(oxbow, count: 2)
            let bob = try await rig.correspondent("bob", with: other)
            let mark = daemon.leash.lines.count
            try await rig.server.delete(bot)
            try await daemon.offline(bot, from: mark, saying: "Account deleted")
            try await daemon.isPatient(bot, word: "login")
            #expect(try await bob.ask("meanwhile") == "meanwhile")

            try await rig.server.account(again: bot)
            let again = daemon.leash.lines.count
            try daemon.leash.signal("HUP")
            try await daemon.online(bot, from: again)
            // Its keys are announced anew: the server has forgotten them.
            _ = try await daemon.leash.lines.first(from: again, "the announcement") {
                $0.text.contains(bot) && $0.text.contains("key announced")
            }
            let alice = try await rig.correspondent("alice", with: bot)
            #expect(try await alice.ask("after") == "after")
            #expect(try await daemon.terminate().code == 0)
        }

        @Test("A password that is changed is said, tried slowly and never sent in the clear; the new one in the file counts after a reload")
        func password() async throws {
            // A server of its own: nobody else's login is in what it writes down.
            let server = try await Prosody()
            Cleanup.after { await server.end() }
            let rig = Rig(server: server, crafter: try Rig.current.crafter)
            let (bot, other) = (try await rig.server.account("bot"), try await rig.server.account("other"))
            let secret = try Folder.temporary() + "/password"
            try Folder.write(Prosody.password + "\n", to: secret)
            let oxbow = try OxbowProgram([.init(jid: bot), .init(jid: other)], server: rig.server)
            let text = try String(contentsOfFile: oxbow.config, encoding: .utf8)
            let (head, tail) = try #require(text.halves(at: "password: \"\(Prosody.password)\""))
            try Folder.write(head + "password: {file: \(secret)}" + tail, to: oxbow.config)
            let daemon = try await Daemon.online(oxbow, count: 2)
            let alice = try await rig.correspondent("alice", with: bot)
            let bob = try await rig.correspondent("bob", with: other)
            #expect(try await alice.ask("before") == "before")

            let mark = daemon.leash.lines.count
            try await rig.server.changePassword(of: bot, to: "open barley")
            // Its streams are ended first; the next login is refused.
            try await daemon.offline(bot, from: mark, saying: "refused the name or the password")
            try await daemon.isPatient(bot, word: "password")
            #expect(try await bob.ask("meanwhile") == "meanwhile")
            #expect(try !rig.server.records().contains("mechanism='PLAIN'"))

            try Folder.write("open barley\n", to: secret)
            let again = daemon.leash.lines.count
            try daemon.leash.signal("HUP")
            try await daemon.online(bot, from: again)
            #expect(try await alice.ask("after") == "after")
            #expect(!daemon.tail.contains("barley"))
            #expect(try await daemon.terminate().code == 0)
        }

        @Test("A password that is mended in its file is tried with the next attempt, without anybody saying so")
        func late() async throws {
            let rig = try Rig.current
            let bot = try await rig.server.account("bot")
            let secret = try Folder.temporary() + "/password"
            try Folder.write("wrong\n", to: secret)
            let oxbow = try OxbowProgram([.init(jid: bot)], server: rig.server)
            let text = try String(contentsOfFile: oxbow.config, encoding: .utf8)
            try Folder.write(text.replacing("password: \"\(Prosody.password)\"", with: "password: {file: \(secret)}"), to: oxbow.config)
            let daemon = try await oxbow.run()
            try await daemon.offline(bot, from: 0, saying: "password")
            try Folder.write(Prosody.password + "\n", to: secret)
            try await daemon.announced()
            #expect(try await daemon.status().state(bot) == "online")
            #expect(try await daemon.terminate().code == 0)
        }

        @Test("A certificate that changes is an error, not a way round; nobody logs in until it is right again", arguments: changes)
        func certificate(change: Change) async throws {
            // A server of its own: the others' streams must not be cut.
            let server = try await Prosody()
            Cleanup.after { await server.end() }
            let rig = Rig(server: server, crafter: try Rig.current.crafter)
            let bot = try await server.account("bot")
            let oxbow = try OxbowProgram([.init(jid: bot)], server: server)
            let daemon = try await Daemon.online(oxbow)
            var mark = daemon.leash.lines.count
            try await server.certificate(change.kind)
            let logins = try server.records().occurrences(of: "Authenticated as \(bot)")
            try await server.restart()
            try await daemon.offline(bot, from: mark, saying: change.words)
            // Twice, so that the second attempt is no kinder than the first.
            mark = daemon.leash.lines.count
            try await daemon.offline(bot, from: mark, saying: change.words)
            let status = try await daemon.status()
            #expect(try status.state(bot) == "offline")
            #expect(try status.reason(bot).localizedCaseInsensitiveContains(change.words))
            #expect(try server.records().occurrences(of: "Authenticated as \(bot)") == logins)

            try await server.certificate(.good)
            mark = daemon.leash.lines.count
            try await server.restart()
            try await daemon.online(bot, from: mark)
            let alice = try await rig.correspondent("anna", with: bot)
            #expect(try await alice.ask("after") == "after")
            #expect(try await daemon.terminate().code == 0)
        }

        /// Another certificate, and a word of what is said about it.
        struct Change: Sendable, CustomTestStringConvertible {
            var kind: Prosody.Certificate
            var words: String
            var testDescription: String { kind.rawValue }
        }
        static let changes = [
            Change(kind: .unknown, words: "certificate"), Change(kind: .expired, words: "expired"),
            Change(kind: .other, words: "elsewhere.example"),
        ]

        @Test("A server that is away for a while is waited for")
        func away() async throws {
            let server = try await Prosody()
            Cleanup.after { await server.end() }
            let rig = Rig(server: server, crafter: try Rig.current.crafter)
            let bot = try await server.account("bot")
            let oxbow = try OxbowProgram([.init(jid: bot)], server: server)
            let daemon = try await Daemon.online(oxbow)
            var mark = daemon.leash.lines.count
            try await server.stop()
            try await daemon.offline(bot, from: mark, saying: "refused")
            mark = daemon.leash.lines.count
            try await server.start()
            try await daemon.online(bot, from: mark)
            let alice = try await rig.correspondent("anna", with: bot)
            #expect(try await alice.ask("after") == "after")
            #expect(try await daemon.terminate().code == 0)
        }
    }
}

extension Daemon {
    /// Waits until the log says that an account is offline, with a word of why. The account's own line: then `status` says it, too.
    func offline(_ jid: String, from start: Int, saying word: String) async throws {
        try await leash.lines.first(from: start, "\(jid) offline: \(word)") {
            $0.text.contains(jid) && $0.text.contains("offline") && $0.text.contains(" retry=")
                && $0.text.localizedCaseInsensitiveContains(word)
        }
    }

    /// Checks that `status` gives the reason for an account that is offline, and that the server isn't asked again soon.
    fileprivate func isPatient(_ jid: String, word: String) async throws {
        let status = try await status()
        #expect(try status.state(jid) == "offline")
        let account = try status.account(jid)
        let (since, next) = (try #require(account["since"]?.int), try #require(account["next"]?.int, "\(account)"))
        // 30 s less the half that is random, told in whole seconds.
        #expect(next - since >= 14, "\(account)")
        #expect("\(account)".localizedCaseInsensitiveContains(word), "\(account)")
    }
}

extension String {
    fileprivate func occurrences(of part: String) -> Int { components(separatedBy: part).count - 1 }

    /// What stands before and behind the first occurrence.
    fileprivate func halves(at part: String) -> (String, String)? {
        guard let range = range(of: part) else { return nil }
        return (String(self[..<range.lowerBound]), String(self[range.upperBound...]))
    }
}
