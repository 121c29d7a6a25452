import FoundationEssentials
import Glibc
import Logging
import Testing

@testable import Oxbow

/// A bot's folder in a temporary place, with a Python program in it.
final class ProgramFolder: Sendable {
    let path: String
    private let root: String

    /// Makes the folder with `program.py`, in a temporary one or in folders below that.
    init(below folders: String? = nil, _ program: String) throws {
        let root = "/tmp/oxb-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
        self.root = root
        path = folders.map { root + "/" + $0 } ?? root
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o755]
        )
        try write(program, to: "program.py")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    /// Writes a file that can be run at once.
    ///
    /// The kernel refuses to run what any process has open for writing ("Text file busy"). Foundation's writing leaves a descriptor to
    /// whatever another test starts meanwhile, an exit test for instance, which lives for seconds. Ours isn't left to anybody, and a lease
    /// tells when the last process that was just being forked has let go of its copy.
    func write(_ text: String, to name: String, mode: mode_t = 0o755) throws {
        let (new, final) = (path + "/.new", path + "/" + name)
        let writing = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        try #require(writing >= 0)
        let bytes = Array(text.utf8)
        let isWritten = Glibc.write(writing, bytes, bytes.count) == bytes.count && fchmod(writing, mode) == 0
        close(writing)
        try #require(isWritten)
        let reading = open(new, O_RDONLY | O_CLOEXEC)
        try #require(reading >= 0)
        // F_SETLEASE, a GNU name that the Glibc module leaves out.
        let lease: Int32 = 1024
        while fcntl(reading, lease, F_RDLCK) != 0, errno == EAGAIN { sched_yield() }
        _ = fcntl(reading, lease, F_UNLCK)
        close(reading)
        try #require(rename(new, final) == 0)
    }

    func read(_ name: String) throws -> String {
        try String(contentsOfFile: path + "/" + name, encoding: .utf8)
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path + "/" + name) }
}

/// The start of a program that reads events: `events()` and `say(…)`.
let pythonStart = """
    #!/usr/bin/python3
    import json, os, signal, sys, time

    def say(**answer):
        sys.stdout.write(json.dumps(answer) + "\\n")
        sys.stdout.flush()

    def events():
        for line in sys.stdin:
            message = json.loads(line)
            if "event" in message:
                yield message["event"]


    """

extension Yard {
    /// The YAML of a bot with one program.
    static func programBot(_ keys: String = "", isolation: String = "none") -> String {
        """
        allow: ["*"]
        send_to: ["ops@localhost"]
        handlers:
          - element: body
            exec: [./program.py]
            isolation: \(isolation)
            restart: 1s
            \(keys.replacing("\n", with: "\n    "))
        """
    }

    func programCount(_ reason: String) -> Int { counters.total("oxbow_program_total", where: ["reason": reason]) }
}

/// A log handler that keeps the lines, and lets a test wait for one.
final class LogBook: LogHandler, Sendable {
    let lines = Lines()
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }
    func log(event: LogEvent) {
        lines.tell("\(event.message) \(event.metadata ?? [:])")
    }
    var logger: Logger { Logger(label: "test") { _ in self } }
}
