internal import Glibc

/// What a crash leaves in a home, cleared away at the next start: throw-away homes, `gpg` processes that nobody waits for, and locks
/// that nobody holds. (An agent that was left is ended when ours is started.)
enum Leftovers {
    /// Clears a home of which this process is the owner. Blocks.
    static func clear(home: String) {
        AbandonedProcesses.end(home: home)
        for name in names(in: home) {
            let path = "\(home)/\(name)"
            if name.hasPrefix("staging-") { try? removeTree(path) }
            if name.hasSuffix(".lock") || name.hasPrefix(".#lk"), isStale(path) { unlink(path) }
        }
    }

    /// The names in a directory; none if it can't be read.
    static func names(in directory: String) -> [String] {
        guard let handle = opendir(directory) else { return [] }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Removes a directory and what is in it, at most four floors deep; links are removed, not followed.
    static func removeTree(_ path: String, depth: Int = 0) throws {
        for name in names(in: path) {
            let inner = "\(path)/\(name)"
            if unlink(inner) != 0, errno == EISDIR || errno == EPERM, depth < 4 { try removeTree(inner, depth: depth + 1) }
        }
        guard rmdir(path) == 0 || errno == ENOENT else {
            throw OpenPGPError(.keyring, "\(path) can't be removed: \(errorText(errno))")
        }
    }

    /// GnuPG's locks name the process that holds them. gpg itself clears those of its own host whose process is gone; it waits for ever
    /// for one whose number is somebody else's by now, or whose host has another name, as containers have after a restart.
    private static func isStale(_ path: String) -> Bool {
        var facts = stat()
        guard stat(path, &facts) == 0, time(nil) - facts.st_mtim.tv_sec > 5 else { return false }
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = read(file, &buffer, buffer.count)
        let words = buffer[..<max(0, count)].split(whereSeparator: { $0 == 10 || $0 == 32 || $0 == 0 })
        guard let first = words.first, let pid = pid_t(String(decoding: first, as: UTF8.self)) else { return true }
        guard ChildProcess.isAlive(pid) else { return true }
        let name = ChildProcess.name(of: pid)
        return !name.hasPrefix("gpg") && !name.hasPrefix("keyboxd")
    }
}
