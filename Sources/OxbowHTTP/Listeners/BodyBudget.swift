import Synchronization

/// How many bytes of bodies are in memory over all connections.
final class BodyBudget: Sendable {
    private let used = Mutex(0)
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Takes room for so many bytes; `false` when there is none.
    func take(_ bytes: Int) -> Bool {
        used.withLock { used in
            guard used + bytes <= limit else { return false }
            used += bytes
            return true
        }
    }

    /// Gives it back.
    func give(_ bytes: Int) { used.withLock { $0 -= bytes } }

    /// How many bytes are taken.
    var inUse: Int { used.withLock { $0 } }
}
