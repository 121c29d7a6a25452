internal import Glibc
internal import Synchronization

/// Throw-away homes in which key material is looked at before the real keyring learns of it (S11).
///
/// They lie inside the real home, so they are as private; each is emptied after use, and its place and context are used again.
final class StagingArea: Sendable {
    /// One throw-away home.
    struct Stage: Sendable {
        let path: String
        let contexts: GPGMEContexts
    }

    private struct State {
        var spare: [Stage] = []
        var made = 0
    }
    private let home: String
    private let state = Mutex(State())

    init(home: String) { self.home = home }

    /// Lends an empty home to `body` for an attempt, and removes what is in it afterwards. Blocks.
    func with<Value>(_ attempt: GPGMEEngine.Attempt, _ body: (GPGMEEngine.Attempt, _ path: String) throws -> Value) throws -> Value {
        let stage = state.withLock { state -> Stage in
            if let spare = state.spare.popLast() { return spare }
            state.made += 1
            let path = "\(home)/staging-\(state.made)"
            return Stage(path: path, contexts: GPGMEContexts(home: path))
        }
        try remove(stage.path)
        guard mkdir(stage.path, 0o700) == 0 else {
            throw OpenPGPError(.keyring, "\(stage.path) can't be made: \(errorText(errno))")
        }
        defer { try? remove(stage.path) }
        // The same settings as the real home's, seen through a link.
        guard symlink("../gpg.conf", "\(stage.path)/gpg.conf") == 0 else {
            throw OpenPGPError(.keyring, "\(stage.path)/gpg.conf can't be made: \(errorText(errno))")
        }
        let value = try stage.contexts.with { context in
            try body(GPGMEEngine.Attempt(context: context, log: attempt.log, interruption: attempt.interruption), stage.path)
        }
        state.withLock { $0.spare.append(stage) }
        return value
    }

    /// Removes a directory of plain files and of directories of plain files.
    private func remove(_ path: String, depth: Int = 0) throws {
        guard let directory = opendir(path) else {
            if errno == ENOENT { return }
            throw OpenPGPError(.keyring, "\(path) can't be read: \(errorText(errno))")
        }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            if unlink("\(path)/\(name)") != 0, errno == EISDIR || errno == EPERM, depth < 3 {
                try remove("\(path)/\(name)", depth: depth + 1)
            }
        }
        guard rmdir(path) == 0 else { throw OpenPGPError(.keyring, "\(path) can't be removed: \(errorText(errno))") }
    }
}
