import Foundation
import Testing

extension Delivery.Busy {
    /// A store that can't be written, read or believed: nothing is accepted that isn't safe, and nothing that was is lost.
    @Suite struct StoreTests {
        @Test("A full disk: nothing is accepted or taken from the server; when there is room again, all of it arrives")
        func full() async throws {
            let rig = try Rig.current
            let bot = try await RecordingBot(rig, host: "archive.localhost", capacity: 24 << 10)
            let daemon = try await bot.begin()
            let alice = try await bot.correspondent("alice", rig)
            #expect(try await alice.ask("before") == "before")
            let (start, mark) = (alice.peer.mark, bot.clerk.mark)

            try await bot.fill()
            // What fits into the room that the store has already is accepted, and safe.
            try await bot.clerk.push(40, from: bot.jid, to: alice.jid, lane: "out", words: String(repeating: "x", count: 20_000))
            try await bot.clerk.allow(1000)
            let said = (0..<10).map { "in-\($0) " + String(repeating: "y", count: 20_000) }
            for text in said { try await alice.say(text) }
            try await bot.clerk.wait(for: "refused", from: mark)
            try await daemon.leash.line(containing: "can't be written")
            #expect(bot.clerk.refused.contains { $0.lane == "out" })
            try await bot.empty()

            try await bot.clerk.wait(for: "pushed", from: mark)
            let accepted = bot.clerk.accepted.map(\.text)
            let delivered = try await alice.gather(said + accepted, from: start)
            #expect(delivered.saidTwice.isEmpty)
            #expect(delivered.texts.filter(Set(said).contains) == said)
            #expect(delivered.texts.filter(Set(accepted).contains) == accepted)
            // What was refused was not sent.
            #expect(Set(delivered.texts).isDisjoint(with: bot.clerk.refused.map(\.text)))
            let begun = RecordingBot.Mark.all(in: bot.clerk.lines(of: "events")).filter { $0.what == "begin" }.map(\.text)
            #expect(begun == ["before"] + said)
            #expect(try await daemon.terminate().code == 0)
        }

        @Test("A locked store: it is said, nothing is accepted meanwhile, and everything goes on afterwards")
        func locked() async throws {
            let rig = try Rig.current
            let bot = try await RecordingBot(rig, host: "archive.localhost")
            let daemon = try await bot.begin()
            let alice = try await bot.correspondent("alice", rig)
            #expect(try await alice.ask("before") == "before")
            let (start, mark) = (alice.peer.mark, bot.clerk.mark)

            let holder = try await Leash([
                "python3", "-c",
                """
                import sqlite3, sys
                store = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
                store.execute("BEGIN IMMEDIATE")
                print("locked", flush=True)
                sys.stdin.read()
                store.rollback()
                print("unlocked", flush=True)
                """,
                bot.store,
            ])
            Cleanup.after { await holder.stop() }
            try await holder.line(containing: "locked")
            try await bot.clerk.push(5, from: bot.jid, to: alice.jid, lane: "out")
            try await bot.clerk.allow(100)
            let said = (0..<5).map { "in-\($0)" }
            for text in said { try await alice.say(text) }
            try await bot.clerk.wait(for: "refused", from: mark)
            #expect(bot.clerk.accepted.isEmpty)
            #expect(alice.answers(from: start) == 0)
            try await daemon.leash.line(containing: "another process holds the database")
            try holder.close()
            try await holder.line(containing: "unlocked")

            try await bot.clerk.wait(for: "pushed", from: mark)
            let accepted = bot.clerk.accepted.map(\.text)
            let delivered = try await alice.gather(said + accepted, from: start)
            #expect(delivered.saidTwice.isEmpty)
            #expect(delivered.texts.filter(Set(said).contains) == said)
            #expect(delivered.texts.filter(Set(accepted).contains) == accepted)
            #expect(Set(delivered.texts).isDisjoint(with: bot.clerk.refused.map(\.text)))
            #expect(try await daemon.terminate().code == 0)
        }

        @Test("A state directory that can't be written: the start fails with one line that says so")
        func readOnly() async throws {
            let rig = try Rig.current
            let bot = try await RecordingBot(rig)
            #expect(try await bot.begin().terminate().code == 0)
            let end = try await bot.oxbow.command("run", in: try await Room.readOnly(bot.oxbow.state), within: .seconds(30))
            #expect(end.code == 1)
            #expect(end.err.contains(bot.oxbow.state) && end.err.contains("Read-only"), "\(end.err)")
            #expect(end.err.split(separator: "\n").count == 1, "\(end.err)")
            // Without that, everything is as before.
            let daemon = try await bot.run()
            let alice = try await bot.correspondent("alice", rig)
            #expect(try await alice.ask("after") == "after")
            #expect(try await daemon.terminate().code == 0)
        }

        /// A part of the store that is overwritten with noise.
        enum Damage: String, CaseIterable, Sendable {
            case header
            case pages
            case log = "-wal"
        }

        @Test(
            "A damaged store: the start fails with words that say what to do; with the file mended, what was accepted arrives",
            arguments: Damage.allCases
        )
        func damaged(damage: Damage) async throws {
            let rig = try Rig.current
            let proxy = try await FaultProxy(to: rig.server.port)
            let bot = try await RecordingBot(rig, host: "archive.localhost", connect: proxy.connect(rig.server))
            let daemon = try await bot.begin()
            let alice = try await bot.correspondent("alice", rig)
            #expect(try await alice.ask("before") == "before")
            // Else that answer may go again after the cut.
            try await bot.outboxIsEmpty()
            let start = alice.peer.mark
            try await proxy.refuse(true)
            try await proxy.cut()
            try await bot.clerk.push(20, from: bot.jid, to: alice.jid, lane: "out")
            try await bot.clerk.allow(20)
            try await bot.clerk.wait(for: "pushed", from: 0)
            // After a kill much of it is in the log beside the file; as long as it is there, the file hardly matters.
            try daemon.leash.signal("KILL")
            _ = try await daemon.leash.end()
            if damage != .log {
                let fold = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('PRAGMA wal_checkpoint(TRUNCATE)').fetchall()"
                #expect(try await Leash.run(["python3", "-c", fold, bot.store]).code == 0)
            }

            let path = bot.store + (damage == .log ? "-wal" : "")
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            var broken = whole
            let range = damage == .pages ? 4096..<max(4096, whole.count) : 0..<min(whole.count, 4096)
            var chance = Chance()
            for index in range { broken[index] = UInt8.random(in: 0...255, using: &chance) }
            let beside = try? Data(contentsOf: URL(fileURLWithPath: bot.store + "-shm"))
            let log = try? Data(contentsOf: URL(fileURLWithPath: bot.store + "-wal"))
            let main = try Data(contentsOf: URL(fileURLWithPath: bot.store))
            try broken.write(to: URL(fileURLWithPath: path))

            let end = try await bot.oxbow.command("run", within: .seconds(30))
            #expect(end.code == 1, "seed \(chance.seed)")
            #expect(end.err.contains(bot.store), "\(end.err)")
            #expect(end.err.contains("damaged") || end.err.contains("isn't"), "\(end.err)")
            #expect(end.err.split(separator: "\n").count == 1, "\(end.err)")

            for (suffix, data) in [("", main), ("-wal", log), ("-shm", beside)] {
                try data?.write(to: URL(fileURLWithPath: bot.store + suffix))
            }
            try await proxy.refuse(false)
            let mended = try await bot.run()
            let accepted = bot.clerk.accepted.map(\.text)
            let delivered = try await alice.gather(accepted, from: start)
            #expect(delivered.texts == accepted)
            #expect(delivered.saidTwice.isEmpty)
            #expect(try await mended.terminate().code == 0)
        }
    }
}
