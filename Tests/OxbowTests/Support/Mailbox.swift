import GRE
import Oxbow
import Synchronization
import XML
import XMPP

/// The way out of a test: keeps what was sent, in order, and lets the test wait for it.
final class Mailbox: Outgoing {
    struct Sent: Hashable, Sendable {
        var payload: [Element]
        var to: Address
        var thread: String?
        var account: Address

        /// The body's text, if that is all that is said.
        var text: String? {
            let said = payload.filter { !$0.is(AnsweredMail.local, AnsweredMail.namespace) }
            return said.count == 1 && said[0].is("body", Namespace.client) ? said[0].text : nil
        }
    }
    struct Offline: Error {}

    private struct State {
        var sent: [Sent] = []
        var read = 0
        var isOffline = false
        var waiters: [CheckedContinuation<Sent, Never>] = []
    }
    private let state = Mutex(State())

    func send(payload: [Element], to: Address, thread: String?, account: Address) async throws {
        let sent = Sent(payload: payload, to: to, thread: thread, account: account)
        let waiter: CheckedContinuation<Sent, Never>? = try state.withLock { state in
            if state.isOffline { throw Offline() }
            state.sent.append(sent)
            guard !state.waiters.isEmpty else { return nil }
            state.read += 1
            return state.waiters.removeFirst()
        }
        waiter?.resume(returning: sent)
    }

    /// The next message that the test has not seen yet.
    func next() async -> Sent {
        await withCheckedContinuation { continuation in
            let sent: Sent? = state.withLock { state in
                guard state.read < state.sent.count else {
                    state.waiters.append(continuation)
                    return nil
                }
                state.read += 1
                return state.sent[state.read - 1]
            }
            if let sent { continuation.resume(returning: sent) }
        }
    }

    /// The text of the next message.
    func nextText() async -> String? { await next().text }

    /// Everything that was sent.
    var all: [Sent] { state.withLock { $0.sent } }

    /// Whether sending fails.
    var isOffline: Bool {
        get { state.withLock { $0.isOffline } }
        set { state.withLock { $0.isOffline = newValue } }
    }
}
