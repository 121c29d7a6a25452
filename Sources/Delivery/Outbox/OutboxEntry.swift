public import XMPP

/// An accepted message as the outbox knows it; its content stays in the store.
public struct OutboxEntry: Hashable, Sendable {
    /// How far a message got (R10).
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// Durable here; it has not been handed over, or it came back.
        case accepted
        /// Waits for something that an operator or the peer must do, such as a key.
        case held
        /// Its bytes are stored and were given to the session; the server has not acknowledged them.
        case handed
        /// Our own server has acknowledged it (XEP-0198).
        case sent
        /// The recipient's client says that it has it (XEP-0184): a hint, not a proof.
        case delivered
        /// Given up; an admin hears of it.
        case dead
        /// Taken back by its sender or an operator.
        case withdrawn
    }

    /// The store's number for it, ascending in order of acceptance.
    public var number: Int64
    /// See ``OutboxMessage/account``.
    public var account: Address
    /// See ``OutboxMessage/recipient``.
    public var recipient: Address
    /// See ``OutboxMessage/id``.
    public var id: String
    /// See ``OutboxMessage/thread``.
    public var thread: String?
    /// See ``OutboxMessage/accepted``.
    public var accepted: Int64
    /// See ``OutboxMessage/expires``.
    public var expires: Int64
    /// See ``OutboxMessage/needsReceipt``.
    public var needsReceipt: Bool
    /// How far it got.
    public var state: State
    /// How often it failed in a way that counts.
    public var attempts: Int
    /// Not tried before this time, in seconds since 1970; 0 if at once. What was accepted later for the same recipient waits with it.
    public var nextAttempt: Int64
    /// Why it failed last.
    public var failure: OutboxFailure?
    /// The account's count of first hand-overs when this one was handed over first (R10).
    public var order: Int64?
    /// The time inside the bytes that are stored (R9), if there are any.
    public var sealedTime: Int64?
    /// How large the sealed stanza is, in bytes.
    public var sealedSize: Int?
    /// When it was sent, delivered, given up or withdrawn, in seconds since 1970.
    public var settled: Int64?

    /// Whether it is still to be tried: not settled, or sent without the receipt that it needs.
    public var isOpen: Bool {
        switch state {
        case .accepted, .held, .handed: true
        case .sent: needsReceipt
        case .delivered, .dead, .withdrawn: false
        }
    }
    /// Whether it may have reached somebody: it was handed to the session at least once.
    public var mayHaveLeft: Bool { order != nil }

    /// Makes an entry of a message that has just been accepted.
    public init(number: Int64, _ message: OutboxMessage) {
        self.number = number
        account = message.account
        recipient = message.recipient
        id = message.id
        thread = message.thread
        accepted = message.accepted
        expires = message.expires
        needsReceipt = message.needsReceipt
        state = .accepted
        attempts = 0
        nextAttempt = 0
    }
}
