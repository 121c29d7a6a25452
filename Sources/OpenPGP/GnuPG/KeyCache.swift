internal import Glibc
internal import Synchronization

/// Keys as they were last listed, for as long as the keyring's files are unchanged, whoever changes them.
///
/// Listing costs a start of `gpg`, as much as sealing itself.
final class KeyCache: Sendable {
    /// Which state of the files an entry belongs to.
    struct Stamp: Hashable, Sendable {
        private let facts: [Int64]

        init(home: String) {
            facts = ["pubring.kbx", "pubring.gpg", "private-keys-v1.d", "gpg.conf"].flatMap { name -> [Int64] in
                var file = stat()
                guard stat("\(home)/\(name)", &file) == 0 else { return [] }
                return [Int64(file.st_ino), Int64(file.st_size), Int64(file.st_mtim.tv_sec), Int64(file.st_mtim.tv_nsec)]
            }
        }
    }

    private struct State {
        var stamp: Stamp?
        var keys: [Fingerprint: ListedKey] = [:]
    }
    private let home: String
    private let state = Mutex(State())
    private let most = 4096

    init(home: String) { self.home = home }

    /// The files as they are now; take it before listing.
    func stamp() -> Stamp { Stamp(home: home) }

    /// The key as listed, if the files are still as they were then.
    func key(_ fingerprint: Fingerprint) -> ListedKey? {
        let now = stamp()
        return state.withLock { $0.stamp == now ? $0.keys[fingerprint] : nil }
    }

    /// Keeps what was listed after `stamp` was taken.
    func keep(_ key: ListedKey, stamp: Stamp) {
        state.withLock {
            if $0.stamp != stamp || $0.keys.count >= most {
                $0.stamp = stamp
                $0.keys.removeAll()
            }
            $0.keys[key.fingerprint] = key
        }
    }
}
