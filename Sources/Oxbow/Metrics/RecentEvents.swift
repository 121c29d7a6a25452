import DequeModule
import Synchronization

/// The last few events of a process; older ones are forgotten.
public final class RecentEvents: Sendable {
    /// How many are kept.
    public static let limit = 200

    private let events = Mutex<Deque<RecentEvent>>([])

    /// Has none.
    public init() {}

    /// Takes one in.
    public func note(_ event: RecentEvent) {
        events.withLock { events in
            if events.count >= Self.limit { events.removeFirst() }
            events.append(event)
        }
    }

    /// All that are kept, the newest first.
    public var all: [RecentEvent] { events.withLock { $0.reversed() } }
}
