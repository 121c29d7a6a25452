import Logging
import OX
import Synchronization
import XMPP

/// Answers refused messages as R4 says: rarely, late, and always with the same words.
final class RefusalDesk: Sendable {
    private let policy: Mutex<RefusalPolicy>
    private let session: any Session
    private let counters: Counters

    init(session: any Session, counters: Counters) {
        self.policy = Mutex(RefusalPolicy())
        self.session = session
        self.counters = counters
    }

    /// Takes note of a refused message.
    func note(_ message: Message, refusal: OpenRefusal, at time: Int64) {
        policy.withLock { $0.note(message, reason: refusal.reason, at: time) }
    }

    /// Sends the answers that are due.
    func tick(at time: Int64) async {
        let due = policy.withLock { $0.due(at: time) }
        for refusal in due {
            // Nobody waits for these, and nothing is lost with one.
            try? await session.send(.refusal(refusal), until: .written)
            counters.add(1, "oxbow_refusals_answered_total", ["account": session.account.description])
        }
    }
}
