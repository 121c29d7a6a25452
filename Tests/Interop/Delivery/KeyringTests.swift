import Foundation
import Testing

extension Delivery.Busy {
    /// GnuPG's part fails while messages are under way.
    @Suite struct AgentTests {
        @Test("gpg-agent is killed again and again: everything arrives all the same, and only encrypted")
        func killedAgents() async throws {
            let rig = try Rig.current
            let bot = try await RecordingBot(rig, host: "archive.localhost")
            let daemon = try await bot.begin()
            let alice = try await bot.correspondent("alice", rig)
            #expect(try await alice.ask("before") == "before")
            try await bot.clerk.watch(rig.server, from: bot.jid)
            try await bot.clerk.push(60, from: bot.jid, to: alice.jid, lane: "out", words: "under lock")
            let start = alice.peer.mark
            let said = (0..<30).map { "in-\($0) and key" }
            async let saying: Void = {
                for text in said { try await alice.say(text) }
            }()
            var killed: Set<Int> = []
            for _ in 0..<12 {
                let mark = bot.clerk.mark
                try await bot.clerk.allow(5)
                try await bot.clerk.wait(for: "seen", from: mark)
                for agent in try Processes.agents(below: bot.oxbow.state) where killed.insert(agent).inserted {
                    kill(pid_t(agent), SIGKILL)
                }
            }
            try await saying
            try await bot.clerk.wait(for: "pushed", from: 0)
            #expect(killed.count > 1)
            let accepted = bot.clerk.accepted.map(\.text)
            let delivered = try await alice.gather(said + accepted, from: start)
            #expect(delivered.saidTwice.isEmpty)
            #expect(delivered.texts.filter(Set(said).contains) == said)
            #expect(delivered.texts.filter(Set(accepted).contains) == accepted)
            #expect(try rig.server.seen(bot.jid).allSatisfy { !$0.xml.contains("under lock") && !$0.xml.contains("and key") })
            #expect(try await daemon.terminate().code == 0)
            #expect(try Processes.agents(below: bot.oxbow.state).isEmpty)
        }
    }
}

extension Delivery.Waiting {
    @Suite struct KeyringGone {
        @Test("The keyring is gone: nothing leaves, nothing is lost; with the keyring back, everything goes on with the same key")
        func keyringGone() async throws {
            let rig = try Rig.current
            let bot = try await RecordingBot(rig, host: "archive.localhost")
            let daemon = try await bot.begin()
            let alice = try await bot.correspondent("alice", rig)
            #expect(try await alice.ask("before") == "before")
            try await bot.clerk.watch(rig.server, from: bot.jid)
            let (start, mark) = (alice.peer.mark, bot.clerk.mark)
            let (home, away) = (bot.oxbow.state + "/keyrings", bot.oxbow.state + "/elsewhere")
            try FileManager.default.moveItem(atPath: home, toPath: away)

            try await bot.clerk.push(5, from: bot.jid, to: alice.jid, lane: "out", words: "under lock")
            try await bot.clerk.allow(5)
            let said = (0..<5).map { "in-\($0) and key" }
            for text in said { try await alice.say(text) }
            try await bot.clerk.wait(for: "pushed", from: mark)
            // Each has been tried and has failed, for a reason that `oxbow outbox` says.
            var failed: [JSON] = []
            for _ in 0..<200 where failed.isEmpty {
                let list = try await bot.oxbow.command("outbox", "list", "--json")
                failed = try (JSON(line: list.out).array ?? []).filter { $0["words"]?.string?.isEmpty == false }
            }
            #expect(!failed.isEmpty)
            #expect(alice.answers(from: start) == 0)
            #expect(!FileManager.default.fileExists(atPath: home), "a keyring was made anew")
            try? FileManager.default.removeItem(atPath: home)
            try FileManager.default.moveItem(atPath: away, toPath: home)

            let accepted = bot.clerk.accepted.map(\.text)
            let delivered = try await alice.gather(said + accepted, from: start, within: .seconds(180))
            #expect(delivered.saidTwice.isEmpty)
            #expect(delivered.texts.filter(Set(said).contains) == said)
            #expect(delivered.texts.filter(Set(accepted).contains) == accepted)
            #expect(try await alice.peer.learnKey(of: bot.jid) == alice.botKey)
            #expect(try rig.server.seen(bot.jid).allSatisfy { !$0.xml.contains("under lock") && !$0.xml.contains("and key") })
            #expect(try await daemon.terminate().code == 0)
        }
    }
}
