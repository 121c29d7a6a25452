import Synchronization
import XML
import XMPP

/// The answers to one event, each under an id that follows from the event and its place among them (R2).
///
/// A handler that runs again after a crash gives its answers again; those that were accepted before are in the outbox under the same ids
/// and aren't accepted twice. So an answer is safe as soon as it is accepted, and needs not wait for the event's end to be safe with it.
final class NumberedAnswers: Outgoing {
    private let outbox: Outbox
    private let key: String
    private let count = Atomic(0)

    init(outbox: Outbox, key: String) {
        self.outbox = outbox
        self.key = key
    }

    func send(payload: [Element], to recipient: Address, thread: String?, account: Address) async throws {
        let number = count.add(1, ordering: .relaxed).newValue
        try await outbox.accept(payload, to: recipient, thread: thread, id: "\(key)-\(number)")
    }
}
