import Glibc
import Testing

@testable import Oxbow

@Suite struct HostTests {
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
}
