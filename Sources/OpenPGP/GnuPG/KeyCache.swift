internal import Glibc
internal import Synchronization

/// Keys as they were last listed, for as long as the keyring's files are unchanged, whoever changes them.
///
/// Listing costs a start of `gpg`, as much as sealing itself. gpg judges each key again when it is used; the cache only spares the look
/// before. Changes of our own that concern one key don't make the others forgotten.
final class KeyCache: Sendable {
    /// Which state of the keyring an entry belongs to.
    typealias Generation = UInt64

    private struct State {
        var files: [Int64] = []
        var generation: Generation = 0
        var keys: [Fingerprint: ListedKey] = [:]

        mutating func seen(_ now: [Int64]) -> Generation {
            if now != files {
                files = now
                keys.removeAll()
                generation += 1
            }
            return generation
        }
    }
    private let home: String
    private let state = Mutex(State())
    private let most = 4096

    init(home: String) { self.home = home }

    /// The keyring's state now; take it before listing. It changes when the files do.
    func generation() -> Generation {
        let files = filesNow()
        return state.withLock { $0.seen(files) }
    }

    /// The key as listed, if the files are still as they were then.
    func key(_ fingerprint: Fingerprint) -> ListedKey? {
        let files = filesNow()
        return state.withLock {
            _ = $0.seen(files)
            return $0.keys[fingerprint]
        }
    }

    /// Keeps what was listed in that state, if it is still the state.
    func keep(_ key: ListedKey, _ generation: Generation) {
        state.withLock {
            guard $0.generation == generation else { return }
            if $0.keys.count >= most { $0.keys.removeAll() }
            $0.keys[key.fingerprint] = key
        }
    }

    /// Says that the files were changed by us since that state, and that only this key is another now.
    func changed(_ fingerprint: Fingerprint, since generation: Generation) {
        let files = filesNow()
        state.withLock {
            guard $0.generation == generation else { return }
            $0.files = files
            $0.keys[fingerprint] = nil
        }
    }

    private func filesNow() -> [Int64] {
        ["pubring.kbx", "pubring.gpg", "private-keys-v1.d", "gpg.conf"].flatMap { name -> [Int64] in
            var file = stat()
            guard stat("\(home)/\(name)", &file) == 0 else { return [0] }
            return [Int64(file.st_ino), Int64(file.st_size), Int64(file.st_mtim.tv_sec), Int64(file.st_mtim.tv_nsec)]
        }
    }
}
