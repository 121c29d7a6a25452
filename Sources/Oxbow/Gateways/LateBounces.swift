import Synchronization
import XMPP

/// A place for ``Bounces`` that are made after the session whose errors they hear.
final class LateBounces: Sendable {
    private let bounces = Mutex<Bounces?>(nil)

    /// From now on, errors go there.
    func set(_ bounces: Bounces) { self.bounces.withLock { $0 = bounces } }

    /// An error stanza has come.
    func take(_ message: Message) { bounces.withLock(\.self)?.take(message) }
}
