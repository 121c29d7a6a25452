public import OpenPGP
import Synchronization

/// Keyrings that were opened to unlock the store (R17), for the accounts that open the same ones next: each start of GnuPG takes its time.
public final class SpareEngines: Sendable {
    private let engines = Mutex<[String: GPGMEEngine]>([:])

    /// Has none.
    public init() {}

    /// Lays one by, under the path of its home.
    public func put(_ engine: GPGMEEngine, home: String) {
        engines.withLock { $0[home] = engine }
    }

    /// Hands one out, once; whoever takes it closes it.
    func take(home: String) -> GPGMEEngine? {
        engines.withLock { $0.removeValue(forKey: home) }
    }

    /// Closes those that nobody has taken.
    public func close() async {
        let rest = engines.withLock { engines in
            defer { engines = [:] }
            return Array(engines.values)
        }
        for engine in rest { await engine.close() }
    }
}
