internal import Glibc

/// Finds `gpg` processes of a home whose operation we have given up, and ends them: a hanging one would keep the keyring locked.
///
/// Such a process was started through GPGME (it has a status descriptor and names the home), and none of its pipes ends in this process
/// any more. An operator's own `gpg`, and operations that still run, don't look like that.
enum AbandonedProcesses {
    static func end(home: String) {
        for pid in find(home: home) { kill(pid, SIGKILL) }
    }

    /// Whether there is one.
    static func exist(home: String) -> Bool { !find(home: home).isEmpty }

    private static func find(home: String) -> [pid_t] {
        let ours = pipes(of: "self")
        return Leftovers.names(in: "/proc").compactMap(pid_t.init).filter { pid in
            pid != getpid() && isOurs(pid, home: home) && pipes(of: String(pid)).isDisjoint(with: ours)
        }
    }

    private static func isOurs(_ pid: pid_t, home: String) -> Bool {
        var facts = stat()
        guard stat("/proc/\(pid)", &facts) == 0, facts.st_uid == geteuid() else { return false }
        let file = open("/proc/\(pid)/cmdline", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 8192)
        let count = read(file, &buffer, buffer.count)
        guard count > 0 else { return false }
        let words = buffer[..<count].split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        guard let program = words.first, program == "gpg" || program.hasSuffix("/gpg"), words.contains("--status-fd"),
            let index = words.firstIndex(of: "--homedir"), words.indices.contains(index + 1)
        else { return false }
        return words[index + 1] == home || words[index + 1].hasPrefix(home + "/staging-")
    }

    private static func pipes(of process: String) -> Set<String> {
        var found: Set<String> = []
        for name in Leftovers.names(in: "/proc/\(process)/fd") {
            var buffer = [CChar](repeating: 0, count: 128)
            guard readlink("/proc/\(process)/fd/\(name)", &buffer, buffer.count - 1) > 0 else { continue }
            let target = text(of: buffer)
            if target.hasPrefix("pipe:") { found.insert(target) }
        }
        return found
    }
}
