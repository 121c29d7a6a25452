import Foundation
import Testing

extension Delivery.Busy {
    /// R17: what lies on the disk is sealed.
    @Suite struct AtRestTests {
        @Test(
            "R17: what was accepted and what has come stands nowhere in the clear: not in the store, its log, our log or a folder for temporary files"
        )
        func nothingInTheClear() async throws {
            let rig = try Rig.current
            let bot = try await RecordingBot(rig, host: "archive.localhost")
            let temporary = bot.oxbow.folder + "/tmp"
            try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: false)
            let daemon = try await bot.oxbow.run(environment: ["TMPDIR": temporary])
            try await daemon.announced()
            let alice = try await bot.correspondent("alice", rig)
            #expect(try await alice.ask("before") == "before")

            // Some that has gone through, some that stays: the recipient has no key.
            let (sent, kept, heard) = ("marker-of-what-went", "marker-of-what-waits", "marker-of-what-came")
            let start = alice.peer.mark
            let keyless = try await rig.server.account("keyless", host: "archive.localhost")
            for number in 0..<10 {
                _ = try await bot.clerk.queue("\(sent) \(number)", from: bot.jid, to: alice.jid)
                _ = try await bot.clerk.queue("\(kept) \(number)", from: bot.jid, to: keyless)
            }
            try await alice.say(heard)
            _ = try await alice.gather((0..<10).map { "\(sent) \($0)" } + [heard], from: start)
            #expect(try await bot.clerk.outbox().count == 10)

            try daemon.leash.signal("KILL")
            _ = try await daemon.leash.end()

            // The handler's own record is the handler's business.
            try FileManager.default.removeItem(atPath: bot.oxbow.folder + "/bots/all/data")
            for marker in [sent, kept, heard] {
                for pattern in [marker, Data(marker.utf8).base64EncodedString(), marker.utf16.map { String($0, radix: 16) }.joined()] {
                    let found = try await Leash.run(["grep", "-r", "-l", "-a", "-F", "-e", pattern, bot.oxbow.folder])
                    #expect(found.code == 1, "'\(pattern)' is in \(found.out)")
                }
                #expect(!daemon.leash.lines.items.contains { $0.text.contains(marker) })
                #expect(try !rig.server.records().contains(marker))
            }
            // What is not there can't be found: the store does hold them.
            let next = try await bot.run()
            #expect(try await bot.clerk.outbox().count == 10)
            #expect(try await next.terminate().code == 0)
        }

        @Test("R17, R18: a crash ends the process, leaves no core, and writes nothing of the memory into the log")
        func crash() async throws {
            let rig = try Rig.current
            let bot = try await RecordingBot(rig)
            let daemon = try await bot.begin()
            let places = try core()
            try daemon.leash.signal("ABRT")
            let end = try await daemon.leash.end()
            #expect(end.code == -SIGABRT)
            #expect(try core().subtracting(places).isEmpty)
            #expect(!FileManager.default.fileExists(atPath: bot.oxbow.folder + "/core"))
            // A backtrace with registers shows what they point to.
            #expect(!end.err.contains("rsp 0x") && !end.err.contains(" sp 0x"), "\(end.err.suffix(600))")
        }

        /// Files that look like cores, where the kernel or a handler of cores puts them.
        private func core() throws -> Set<String> {
            var found: Set<String> = []
            for folder in ["/var/crash", "/var/lib/systemd/coredump", "/tmp", FileManager.default.currentDirectoryPath] {
                let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
                found.formUnion(
                    names.filter { $0.hasPrefix("core") || $0.contains("oxbow") && $0.hasSuffix(".crash") }.map { folder + "/" + $0 }
                )
            }
            return found
        }
    }
}
