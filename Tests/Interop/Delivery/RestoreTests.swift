import Foundation
import Testing
import XML

extension Delivery.Busy {
    /// A backup knows nothing of what came after it, and the server's archive knows all of it.
    @Suite struct RestoreTests {
        @Test("R1, R2: after a restore nothing runs again, what was sent before it is stale and said, what is sent after it is handled")
        func restored() async throws {
            let rig = try Rig.current
            let bot = try await RecordingBot(rig, host: "archive.localhost")
            let daemon = try await bot.begin()
            let alice = try await bot.correspondent("alice", rig)
            // Somebody with a fast clock: that it was before the restore is told by the server's time, not by theirs.
            let fast = try await bot.correspondent("fast", rig)
            let known = (0..<5).map { "known-\($0)" }
            let later = (0..<5).map { "later-\($0)" }
            for text in known { #expect(try await alice.askForKeeps(text) == text) }
            try await bot.outboxIsEmpty()
            let backup = bot.oxbow.folder + "/backup"
            let made = try await bot.oxbow.command("store", "backup", backup)
            #expect(made.code == 0, "\(made.err)")

            // Handled and answered, and the backup doesn't know it.
            for text in later { #expect(try await alice.askForKeeps(text) == text) }
            #expect(try await fast.askForKeeps("fast", ahead: 120) == "fast")
            try await bot.outboxIsEmpty()
            #expect(try await daemon.terminate().code == 0)
            let meanwhile = (0..<5).map { "meanwhile-\($0)" }
            for text in meanwhile { try await alice.sayForKeeps(text) }
            // Once the server shows these it has the bot's copies, too.
            #expect(try await alice.peer.archive(from: alice.jid).count == known.count + later.count + meanwhile.count)

            let restored = try await bot.oxbow.command("store", "restore", backup)
            #expect(restored.code == 0, "\(restored.err)")
            let (aliceMark, fastMark) = (alice.peer.mark, fast.peer.mark)
            let second = try await bot.run()
            // All that came since the backup is read again, and refused.
            let old = later + meanwhile
            try await second.untilStale(old.count + 1, bot.jid)
            #expect(second.leash.lines.items.filter { $0.text.contains("older than this account's store") }.count == old.count + 1)

            // The same person is heard from now on, and nobody was answered before.
            #expect(try await alice.ask("after") == "after")
            try await bot.outboxIsEmpty()
            #expect(alice.answers(from: aliceMark) == 1)
            #expect(fast.answers(from: fastMark) == 0)

            // Nothing of it comes up with the next start.
            #expect(try await second.terminate().code == 0)
            let third = try await bot.run()
            #expect(try await alice.ask("once more") == "once more")
            #expect(try await third.status().counters(bot.jid).stale == 0)
            #expect(try await third.terminate().code == 0)
            let begun = RecordingBot.Mark.all(in: bot.clerk.lines(of: "events")).filter { $0.what == "begin" }.map(\.text)
            #expect(begun == known + later + ["fast", "after", "once more"])
        }
    }
}

extension Correspondent {
    /// Sends a message as clients do, with a hint without which servers don't archive it.
    ///
    /// - Parameter seconds: By how much the sender's clock is fast.
    fileprivate func sayForKeeps(_ body: String, ahead seconds: Double = 0) async throws {
        let content = Wire.content(to: [bot], time: Wire.now(offset: seconds), body: body)
        let sealed = try await peer.openPGP(content, signers: [key], to: [botKey, key], options: Wire.gnupg(at: seconds))
        try await send(sealed, extra: "<store xmlns='urn:xmpp:hints'/>")
    }

    /// The same, and what comes back.
    fileprivate func askForKeeps(_ body: String, ahead seconds: Double = 0) async throws -> String? {
        let start = peer.mark
        try await sayForKeeps(body, ahead: seconds)
        return try await answer(from: start).body
    }
}

extension Daemon {
    /// Waits until so many messages were counted as stale; each question is a process of its own, which paces them.
    fileprivate func untilStale(_ count: Int, _ jid: String) async throws {
        for _ in 0..<200 {
            if try await status().counters(jid).stale >= count { return }
        }
        throw Trouble("counted as stale: \(try await status().counters(jid)), not \(count)\n\(tail)")
    }
}

extension [String: Int] {
    /// Messages that were refused as older than what the account remembers.
    fileprivate var stale: Int { filter { $0.key.contains("refused") && $0.key.contains("stale") }.values.reduce(0, +) }
}
