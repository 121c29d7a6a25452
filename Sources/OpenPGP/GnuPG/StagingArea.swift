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
        try Leftovers.removeTree(stage.path)
        guard mkdir(stage.path, 0o700) == 0 else {
            throw OpenPGPError(.keyring, "\(stage.path) can't be made: \(errorText(errno))")
        }
        let value: Value
        do {
            defer { try? Leftovers.removeTree(stage.path) }
            value = try use(stage, attempt, body)
        }
        // Only now, when the place is empty, may another have it.
        state.withLock { $0.spare.append(stage) }
        return value
    }

    private func use<Value>(
        _ stage: Stage,
        _ attempt: GPGMEEngine.Attempt,
        _ body: (GPGMEEngine.Attempt, _ path: String) throws -> Value
    ) throws -> Value {
        // The same settings as the real home's, seen through a link.
        guard symlink("../gpg.conf", "\(stage.path)/gpg.conf") == 0 else {
            throw OpenPGPError(.keyring, "\(stage.path)/gpg.conf can't be made: \(errorText(errno))")
        }
        return try stage.contexts.with { context in
            try body(GPGMEEngine.Attempt(context: context, log: attempt.log, interruption: attempt.interruption), stage.path)
        }
    }
}
