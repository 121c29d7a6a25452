import Glibc
import Testing

@testable import Oxbow

@Suite(.timeLimit(.minutes(1))) struct HostTests {
    /// What a program of our user finds in our /proc entry.
    static func look() async throws -> String? {
        let folder = try ProgramFolder(
            pythonStart + """
                for event in events():
                    try: open(f"/proc/{os.getppid()}/environ").read(); found = "readable"
                    except PermissionError: found = "denied"
                    say(id=event["id"], reply=found, done=True)
                """
        )
        let yard = try Yard([Yard.programBot()], folder: folder.path)
        var found: String?
        try await yard.running {
            try await yard.receive("x")
            found = await yard.mailbox.nextText()
        }
        return found
    }

    @Test("R18: a program of the same user reads our /proc entry, unless we are non-dumpable; programs start all the same")
    func nonDumpable() async throws {
        #expect(try await Self.look() == "readable")
        await #expect(processExitsWith: .success) {
            // Root may look at everything; there the kernel's own word must do.
            let expected = geteuid() == 0 ? "readable" : "denied"
            guard Host.makeNonDumpable(), try await HostTests.look() == expected else { exit(1) }
        }
    }

    @Test("When we are killed, our programs go too", arguments: ["none", "bubblewrap"])
    func killed(isolation: String) async throws {
        let folder = try ProgramFolder(
            pythonStart + """
                import fcntl
                lock = open(os.environ["HOME"] + "/lock", "w")
                fcntl.flock(lock, fcntl.LOCK_EX)
                for event in events():
                    say(id=event["id"], reply="locked", done=True)
                """
        )
        let (path, bot) = (folder.path, Yard.programBot(isolation: isolation))
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, bot = bot as String] in
            let log = LogBook()
            let yard = try Yard([bot], folder: path, logger: log.logger)
            try await yard.running {
                try await yard.receive("x")
                let answer = await yard.mailbox.nextText()
                if answer != "locked" { Issue.record("\(answer ?? "no text"), because: \(log.lines.all)") }
                kill(getpid(), SIGKILL)
            }
        }
        let lock = open(path + "/data/lock", O_RDONLY | O_CLOEXEC)
        try #require(lock >= 0)
        defer { close(lock) }
        // The program holds the lock to its end.
        while flock(lock, LOCK_EX | LOCK_NB) != 0 {
            try Task.checkCancellation()
            await Task.yield()
        }
    }
}
