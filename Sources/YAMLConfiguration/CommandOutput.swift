import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What a program writes to its standard output. Blocks: see ``Blocking``.
enum CommandOutput {
    /// The program's path: as given if it contains a slash, else looked up in PATH. `nil` if there is none that may be run.
    static func find(_ program: String, environment: [String: String]) -> String? {
        if program.contains("/") { return access(program, X_OK) == 0 ? program : nil }
        let folders = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        return folders.lazy.map { $0 + "/" + program }.first { access($0, X_OK) == 0 }
    }

    /// Runs a program without a shell and returns what it wrote.
    static func read(_ arguments: [String], environment: [String: String], limit: Int, time: Duration) throws(Complaint) -> [UInt8] {
        guard let program = arguments.first, let path = find(program, environment: environment) else {
            throw Complaint("there is no program \(arguments.first ?? "")", hint: "install it, or write its path")
        }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Complaint("can't make a pipe: \(reason(errno))") }
        let (output, input) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(output) }
        let child: pid_t
        do throws(Complaint) { child = try spawn(path, arguments, environment, output: input) } catch {
            close(input)
            throw error
        }
        close(input)
        var bytes: [UInt8] = []
        let trouble = collect(output, into: &bytes, limit: limit, until: .now + time)
        // The group, so that nothing that it started holds on; it is a session of its own. A program that closed its output but doesn't end is
        // killed as well: what it said is not complete.
        if trouble != nil { kill(-child, SIGKILL) }
        let status = wait(for: child, until: .now + (trouble == nil ? .seconds(2) : .seconds(60)))
        if let trouble { throw Complaint("the command \(program) \(trouble)") }
        guard let status else { throw Complaint("the command \(program) closed its output but didn't end") }
        guard status == 0 else {
            let ending = status & 0x7f == 0 ? "ended with code \((status >> 8) & 0xff)" : "was ended by signal \(status & 0x7f)"
            throw Complaint("the command \(program) \(ending)", hint: "run it by hand to see why")
        }
        return bytes
    }

    private static func spawn(_ path: String, _ arguments: [String], _ environment: [String: String], output: Int32) throws(Complaint)
        -> pid_t
    {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        // Closing what isn't open does no harm, and numbers beyond the limit are not taken.
        for descriptor in 3...lastDescriptor() + 256 { posix_spawn_file_actions_addclose(&actions, descriptor) }
        posix_spawnattr_setflags(&attributes, Int16(newSession | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        var argv = arguments.map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, path, &actions, &attributes, &argv, &envp)
        guard code == 0 else { throw Complaint("can't run \(path): \(reason(code))") }
        return child
    }

    /// `POSIX_SPAWN_SETSID`, the same in glibc and musl, which both hide it behind `_GNU_SOURCE`.
    private static let newSession: Int32 = 0x80

    /// The highest descriptor that is open now, at least 2. Ours are all close-on-exec; this is for what a library may have opened otherwise.
    /// What another thread opens before the child is there gets the lowest free number, so it is not far above.
    private static func lastDescriptor() -> Int32 {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.compactMap { Int32($0) }.max() ?? 2
    }

    /// Reads to the end; what went wrong, or `nil`.
    private static func collect(_ descriptor: Int32, into bytes: inout [UInt8], limit: Int, until deadline: ContinuousClock.Instant)
        -> String?
    {
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while true {
            let left = (deadline - .now).components
            let milliseconds = left.seconds * 1_000 + left.attoseconds / 1_000_000_000_000_000
            guard milliseconds > 0 else { return "took too long" }
            var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let count = poll(&ready, 1, Int32(clamping: milliseconds))
            if count == 0 || (count < 0 && errno == EINTR) { continue }
            let size = readSome(descriptor, &chunk)
            if size < 0 {
                if errno == EINTR { continue }
                return "can't be read: \(reason(errno))"
            }
            if size == 0 { return nil }
            bytes += chunk[..<size]
            if bytes.count > limit { return "wrote more than \(limit) bytes" }
        }
    }

    /// Reaps the child; `nil` if it had to be killed.
    private static func wait(for child: pid_t, until deadline: ContinuousClock.Instant) -> Int32? {
        var status: Int32 = 0
        while waitpid(child, &status, WNOHANG) == 0 {
            if ContinuousClock.now > deadline {
                kill(-child, SIGKILL)
                waitpid(child, &status, 0)
                return nil
            }
            usleep(5_000)
        }
        return status
    }
}
