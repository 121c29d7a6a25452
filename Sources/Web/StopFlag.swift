import Synchronization

/// Tells work on another thread that nobody waits for it any more.
public final class StopFlag: Sendable {
    private let flag = Atomic(false)

    /// Somebody waits.
    public init() {}

    /// Whether nobody waits.
    public var isSet: Bool { flag.load(ordering: .relaxed) }

    /// Nobody waits any more.
    public func set() { flag.store(true, ordering: .relaxed) }
}
