import Foundation
import Testing
import XML

extension Delivery.Busy {
    /// Programs that behave badly, a hundred at a time: nobody else notices.
    @Suite struct HandlerTests {
        private static let count = 100

        private static let program = """
            #!/usr/bin/env python3
            import json, os, sys, time

            kind = int(sys.argv[1]) % 5
            for line in sys.stdin:
                event = json.loads(line).get("event")
                if not event:
                    continue
                if kind == 0:  # Leaks until it is stopped.
                    hoard = []
                    while True:
                        hoard.append(bytearray(1 << 20))
                elif kind == 1:  # Hangs, and will hear nothing of an end.
                    import signal
                    signal.signal(signal.SIGTERM, signal.SIG_IGN)
                    while True:
                        time.sleep(3600)
                elif kind == 2:  # Leaves children behind that want to stay.
                    for _ in range(20):
                        if os.fork() == 0:
                            os.setsid()
                            time.sleep(3600)
                            os._exit(0)
                    sys.exit(1)
                elif kind == 3:  # Writes what is no protocol, without an end.
                    os.set_blocking(1, True)
                    while True:
                        os.write(1, b"\\x00\\xffgarbage {" * 4096)
                else:  # Fills the log, and dies.
                    for _ in range(2000):
                        sys.stderr.write("noise " * 50 + "\\n")
                    os.abort()
            """

        @Test(
            "100 programs that leak, hang, fork, write garbage and die: other senders and other accounts are answered, and nothing stays behind"
        )
        func evil() async throws {
            let rig = try Rig.current
            let (bot, other) = (try await rig.server.account("bot"), try await rig.server.account("other"))
            var entries = ""
            for number in 0..<Self.count {
                entries += """
                      - element: body
                        match: '^evil \(number)$'
                        exec: [./evil.py, "\(number)"]
                        memory: 256M
                        time_limit: 1s

                    """
            }
            let yaml = "allow: [\"*@localhost\"]\nhandlers:\n" + entries
            let oxbow = try OxbowProgram(
                [.init(jid: bot, bots: ["bad", "all"]), .init(jid: other)],
                server: rig.server,
                bots: ["bad": yaml, "all": OxbowProgram.echoAll]
            )
            try Folder.write(Self.program + "\n", to: oxbow.folder + "/bots/bad/evil.py", mode: 0o755)
            let daemon = try await Daemon.online(oxbow, count: 2)
            let alice = try await rig.correspondent("alice", with: bot)
            let bob = try await rig.correspondent("bob", with: other)
            #expect(try await alice.ask("before") == "before")
            #expect(try await bob.ask("before") == "before")

            // One sender's messages wait for each other; ten senders have ten lanes.
            var mallories: [Correspondent] = []
            for number in 0..<10 { mallories.append(try await rig.correspondent("mallory\(number)", with: bot)) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (lane, mallory) in mallories.enumerated() {
                    group.addTask {
                        let start = mallory.peer.mark
                        for number in stride(from: lane, to: Self.count, by: 10) { try await mallory.say("evil \(number)") }
                        try await mallory.say("enough")
                        try await mallory.hears("enough", from: start)
                    }
                }
                for number in 0..<10 {
                    #expect(try await alice.ask("still there? \(number)") == "still there? \(number)")
                    #expect(try await bob.ask("and you? \(number)") == "and you? \(number)")
                }
                try await group.waitForAll()
            }
            #expect(try await alice.ask("after") == "after")
            #expect(try await bob.ask("after") == "after")
            let counters = try await daemon.status().counters(bot)
            #expect(counters.filter { $0.key.hasPrefix("refused") }.isEmpty, "\(counters)")
            #expect(try await daemon.terminate().code == 0)
            #expect(try Processes.running(with: oxbow.folder).isEmpty)
        }
    }
}

extension Processes {
    /// The processes whose arguments name something below a folder, ours excepted.
    static func running(with folder: String) throws -> [String] {
        var found: [String] = []
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
            guard let pid = Int32(name), pid != getpid(), let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else {
                continue
            }
            let arguments = String(decoding: line, as: UTF8.self).replacing("\0", with: " ")
            let place = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd")) ?? ""
            if arguments.contains(folder) || place.hasPrefix(folder) { found.append("\(pid) \(arguments)") }
        }
        return found
    }
}
