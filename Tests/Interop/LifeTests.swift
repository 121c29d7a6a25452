import Foundation
import Testing
import XML

extension Interop {
    /// Starting, stopping, crashing, and what becomes of connections.
    @Suite struct LifeTests {
        @Test("A5: a replay is known after a restart, and after a crash", arguments: ["TERM", "KILL"])
        func replayAfterRestart(signal: String) async throws {
            let rig = try Rig.current
            let bot = try await rig.server.account("bot")
            let oxbow = try OxbowProgram([.init(jid: bot)], server: rig.server)
            let first = try await Daemon.online(oxbow)
            let alice = try await rig.correspondent("alice", with: bot)
            let start = alice.peer.mark
            let sealed = try await alice.seal("once")
            try await alice.send(sealed)
            #expect(try await alice.answer(from: start).body == "once")
            #expect(try await alice.ask("more") == "more")
            try first.leash.signal(signal)
            _ = try await first.leash.end()

            let second = try await oxbow.run()
            try await second.online(bot)
            // The new session has to be the one that the server delivers to. (What was answered, but not yet noted when the process was
            // killed, is answered again: R2.)
            let back = alice.peer.mark
            try await alice.say("back?")
            try await alice.hears("back?", from: back)
            let again = alice.peer.mark
            try await alice.send(sealed)
            #expect(try await alice.ask("honest") == "honest")
            #expect(alice.answers(from: again) == 1)
            let counters = try await second.status().counters(bot)
            #expect(counters["refused.replay"] == 1, "\(counters)")
        }

        @Test("SIGTERM: the stream is closed in order, the process exits with 0, its agents and socket are gone")
        func terminate() async throws {
            let rig = try Rig.current
            let bot = try await rig.server.account("bot")
            let oxbow = try OxbowProgram([.init(jid: bot)], server: rig.server)
            let daemon = try await Daemon.online(oxbow)
            let alice = try await rig.correspondent("alice", with: bot)
            try await alice.befriend()
            #expect(try await alice.ask("hello") == "hello")
            let start = alice.peer.mark
            #expect(try await daemon.terminate().code == 0)
            // Others see it leave: a stream that is only cut would hibernate (XEP-0198) and stay.
            _ = try await alice.peer.stanza(from: start, "unavailable presence") {
                $0.local == "presence" && $0["type"] == "unavailable" && $0["from"]?.hasPrefix(bot) == true
            }
            #expect(try Processes.agents(below: oxbow.folder).isEmpty)
            #expect(!FileManager.default.fileExists(atPath: oxbow.state + "/control"))
        }

        @Test("SIGKILL: no agent of GnuPG outlives the daemon")
        func kill() async throws {
            let rig = try Rig.current
            let bot = try await rig.server.account("bot")
            let oxbow = try OxbowProgram([.init(jid: bot)], server: rig.server)
            let daemon = try await Daemon.online(oxbow)
            let alice = try await rig.correspondent("alice", with: bot)
            #expect(try await alice.ask("hello") == "hello")
            let orphans = try Processes.agents(below: oxbow.folder)
            try daemon.leash.signal("KILL")
            _ = try await daemon.leash.end()
            // They notice by themselves; `tail` ends with the process that it watches.
            for orphan in orphans {
                #expect(try await Leash.run(["tail", "--pid=\(orphan)", "-f", "/dev/null"], within: .seconds(90)).code == 0)
            }
            let next = try await oxbow.run()
            try await next.online(bot)
            #expect(try await alice.ask("again") == "again")
        }

        @Test("The server restarts: the account comes back, and answers")
        func serverRestart() async throws {
            // A server of its own: the others' streams must not be cut.
            let server = try await Prosody()
            Cleanup.after { await server.end() }
            let rig = Rig(server: server, crafter: try Rig.current.crafter)
            let bot = try await server.account("restarted")
            let oxbow = try OxbowProgram([.init(jid: bot)], server: server)
            let daemon = try await Daemon.online(oxbow)
            let alice = try await rig.correspondent("anna", with: bot)
            #expect(try await alice.ask("before") == "before")
            let mark = daemon.leash.lines.count
            try await alice.peer.logout()
            try await server.restart()
            try await daemon.online(bot, from: mark)
            try await alice.peer.login(server)
            #expect(try await alice.ask("after") == "after")
        }

        @Test("A cut connection is resumed, and nothing is lost or done twice (XEP-0198)")
        func cut() async throws {
            let rig = try Rig.current
            let bot = try await rig.server.account("bot")
            let port = try await rig.server.relay()
            let oxbow = try OxbowProgram(
                [.init(jid: bot, connect: "{host: 127.0.0.1, port: \(port), tls: starttls, ca: \(rig.server.ca)}")],
                server: rig.server
            )
            let daemon = try await Daemon.online(oxbow)
            let alice = try await rig.correspondent("alice", with: bot)
            #expect(try await alice.ask("before") == "before")
            try await rig.server.refuse(true, relay: port)
            #expect(try await rig.server.cut(relay: port) == 1)
            let start = alice.peer.mark
            for text in ["one", "two", "three"] { try await alice.say(text) }
            try await rig.server.refuse(false, relay: port)
            for text in ["four", "five"] { try await alice.say(text) }
            try await alice.hears("five", from: start)
            _ = daemon
            // All five, in order, each once.
            var bodies: [String] = []
            for stanza in alice.peer.stanzas(from: start)
            where stanza.local == "message" && stanza["from"]?.hasPrefix(bot) == true && stanza.first("openpgp", Wire.namespace) != nil {
                bodies.append(try await alice.peer.open(stanza).body ?? "")
            }
            #expect(bodies == ["one", "two", "three", "four", "five"])
        }

        @Test("What was sent while the bot was away is answered when it comes back")
        func offline() async throws {
            let rig = try Rig.current
            let bot = try await rig.server.account("bot")
            let oxbow = try OxbowProgram([.init(jid: bot)], server: rig.server)
            let daemon = try await Daemon.online(oxbow)
            let alice = try await rig.correspondent("alice", with: bot)
            #expect(try await alice.ask("before") == "before")
            #expect(try await daemon.terminate().code == 0)
            let start = alice.peer.mark
            try await alice.say("while you were away")
            _ = try await oxbow.run()
            #expect(try await alice.answer(from: start).body == "while you were away")
        }

        @Test("A30: an agent that hangs delays its own account only, and nothing is lost")
        func hangingAgent() async throws {
            let rig = try Rig.current
            let (bot, other) = (try await rig.server.account("bot"), try await rig.server.account("other"))
            let oxbow = try OxbowProgram([.init(jid: bot), .init(jid: other)], server: rig.server)
            _ = try await Daemon.online(oxbow, count: 2)
            let alice = try await rig.correspondent("alice", with: bot)
            let bob = try await rig.correspondent("bob", with: other)
            #expect(try await alice.ask("before") == "before")
            #expect(try await bob.ask("before") == "before")
            let agents = try Processes.agents(below: "\(oxbow.state)/keyrings/\(bot)")
            #expect(agents.count == 1)
            for agent in agents { _ = try await Leash.run(["kill", "-STOP", "\(agent)"]) }
            let start = alice.peer.mark
            try await alice.say("while it hangs")
            #expect(try await bob.ask("meanwhile") == "meanwhile")
            #expect(alice.answers(from: start) == 0)
            for agent in agents { _ = try await Leash.run(["kill", "-CONT", "\(agent)"]) }
            #expect(try await alice.answer(from: start).body == "while it hangs")
        }

        @Test("One process owns a state directory (R14)")
        func twoDaemons() async throws {
            let rig = try Rig.current
            let bot = try await rig.server.account("bot")
            let oxbow = try OxbowProgram([.init(jid: bot)], server: rig.server)
            let daemon = try await Daemon.online(oxbow)
            let second = try await oxbow.command("run")
            #expect(second.code == 1)
            #expect(second.err.contains("\(daemon.leash.pid)"), "\(second.err)")
            #expect(try await daemon.status().state(bot) == "online")
        }
    }
}

extension Daemon {
    /// Waits until an account is online.
    func online(_ jid: String, from start: Int = 0) async throws {
        try await leash.lines.first(from: start, "\(jid) online") { $0.text.contains(jid) && $0.text.contains("online") }
    }
}

/// A look at the machine's processes.
enum Processes {
    /// The process IDs of GnuPG agents whose homes lie in a folder.
    static func agents(below folder: String) throws -> Set<Int> {
        var found: Set<Int> = []
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
            guard let pid = Int(name), let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else { continue }
            let arguments = String(decoding: line, as: UTF8.self)
            if arguments.contains("gpg-agent"), arguments.contains(folder) { found.insert(pid) }
        }
        return found
    }
}
