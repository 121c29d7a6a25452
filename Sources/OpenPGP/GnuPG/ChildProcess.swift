internal import CGPGME
internal import Glibc

/// Starts GnuPG's own programs, with an environment of our choice and no descriptor but those that are named.
enum ChildProcess {
    /// What the child may see of our environment. Secrets that came to us in variables stay here.
    private static var environment: [String] {
        var kept = ["LANG=C.UTF-8"]
        for name in ["PATH", "HOME", "TMPDIR", "XDG_RUNTIME_DIR"] {
            if let value = getenv(name) { kept.append("\(name)=\(String(cString: value))") }
        }
        if getenv("PATH") == nil { kept.append("PATH=/usr/local/bin:/usr/bin:/bin") }
        return kept
    }

    /// Starts a program found in PATH. Descriptors that aren't given are /dev/null.
    static func spawn(_ arguments: [String], input: Int32? = nil, output: Int32? = nil) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        if let output {
            posix_spawn_file_actions_adddup2(&actions, output, 1)
        } else {
            posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var pid = pid_t()
        let result = withStrings(arguments) { argv in
            withStrings(environment) { environment in
                posix_spawnp(&pid, arguments[0], &actions, &attributes, argv, environment)
            }
        }
        guard result == 0 else {
            throw OpenPGPError(.unavailable, "\(arguments[0]) could not be started (\(errorText(result))); is GnuPG installed?")
        }
        return pid
    }

    /// Runs a program that is known to be quick and returns what it wrote, at most `limit` bytes; `nil` if it failed.
    static func output(_ arguments: [String], limit: Int = 65_536) throws -> [UInt8]? {
        let (read, write) = try pipe()
        defer { close(read) }
        let pid: pid_t
        do {
            defer { close(write) }
            pid = try spawn(arguments, output: write)
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count < limit {
            let count = Glibc.read(read, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes.append(contentsOf: buffer[..<count])
        }
        return wait(for: pid) == 0 ? bytes : nil
    }

    /// A pipe that no other child inherits.
    static func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else {
            throw OpenPGPError(.unavailable, "no pipe could be made (\(errorText(errno))); look at the limit on open files")
        }
        return (ends[0], ends[1])
    }

    /// Waits for a child of ours and returns its raw status, or `nil` if it can't be told.
    @discardableResult
    static func wait(for pid: pid_t) -> Int32? {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 {
            guard errno == EINTR else { return nil }
        }
        return status
    }

    /// Whether a process runs. One that has ended and that nobody has waited for doesn't: in a container nobody may ever.
    static func isAlive(_ pid: pid_t) -> Bool {
        guard let state = state(of: pid) else { return false }
        return state != UInt8(ascii: "Z") && state != UInt8(ascii: "X")
    }

    /// The letter by which the system calls a process's state (proc(5)), or `nil` if there is none.
    static func state(of pid: pid_t) -> UInt8? {
        let file = open("/proc/\(pid)/stat", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 512)
        let count = read(file, &buffer, buffer.count)
        // The state follows the name, which stands in parentheses and may hold any character.
        guard count > 0, let end = buffer[..<count].lastIndex(of: 0x29), end + 2 < count else { return nil }
        return buffer[end + 2]
    }

    /// The program's name, as the system keeps it.
    static func name(of pid: pid_t) -> String {
        let file = open("/proc/\(pid)/comm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = read(file, &buffer, buffer.count)
        return String(decoding: buffer[..<max(0, count)].prefix { $0 != 10 }, as: UTF8.self)
    }

    private static func withStrings<R>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R) -> R {
        let copies = strings.map { strdup($0) }
        defer { copies.forEach { free($0) } }
        return body(copies + [nil])
    }
}

/// The text in a buffer that C has filled.
func text(of buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// The system's words for an error number.
func errorText(_ number: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
    return text(of: buffer)
}
