import XML
public import XMPP

/// Which refused messages are answered, and when (R4). A value without IO or clock.
///
/// Live messages of allowed senders that carry plaintext, or OX that failed a check, get one and the same error, whatever the cause: who
/// probes learns nothing from the answer, and by the tick nothing from its time (A28). At most one an hour and sender and 60 an hour in
/// all are sent, so that the account can't be made to flood anybody, nor two machines to talk to each other for ever.
public struct RefusalPolicy: Hashable, Sendable {
    /// What an answer says.
    public static let text = """
        This account reads only messages that are encrypted and signed with OpenPGP for XMPP (OX, XEP-0373 and XEP-0374). \
        Turn on OX for this chat, check that your key is published and that this account knows it, and send the message again.
        """
    /// Answers to one sender are at least this far apart, and the limit for all counts over this time. In seconds.
    public static let period: Int64 = 3600
    /// The most answers within a ``period``.
    public static let limit = 60
    /// Answers leave when the clock shows a multiple of this, in seconds.
    public static let tick: Int64 = 10

    /// Answers that were sent or are waiting: never more than ``limit``, so the memory is bounded too.
    private var answers: [Answer] = []
    private var waiting: [Waiting] = []

    private struct Answer: Hashable, Sendable {
        var sender: Address
        var at: Int64
    }
    private struct Waiting: Hashable, Sendable {
        var refusal: Refusal
        var due: Int64
    }

    /// Makes a policy that has answered nobody yet.
    public init() {}

    /// Takes note of a refused message, which is answered at the next tick or not at all.
    ///
    /// Not answered are errors, groupchat, headline, delayed messages, wrappers, and what has neither body nor `<openpgp/>`; senders who
    /// aren't allowed (R3); failures of our own, since the message may yet be read; and repeats of a message that was read (a server
    /// sends a stanza again after a cut: an error would tell the sender that it failed).
    public mutating func note(_ message: Message, reason: RefusalReason, at now: Int64) {
        guard Self.isAnswerable(message), !Self.silent.contains(reason) else { return }
        // A clock that was put back must not silence the account.
        answers.removeAll { $0.at > now + Self.tick || now - $0.at >= Self.period }
        let sender = message.from.bare
        guard answers.count < Self.limit, !answers.contains(where: { $0.sender == sender }) else { return }
        answers.append(Answer(sender: sender, at: now))
        waiting.append(Waiting(refusal: Refusal(to: message.from, id: message.id, text: Self.text), due: Self.tick(after: now)))
    }

    /// The answers that are due, in the order of the messages; each is returned once.
    public mutating func due(at now: Int64) -> [Refusal] {
        let due = waiting.filter { $0.due <= now || $0.due > now + Self.tick }
        waiting.removeAll { $0.due <= now || $0.due > now + Self.tick }
        return due.map(\.refusal)
    }

    /// When the next answer is due, in seconds since 1970, or `nil` if none is waiting.
    public var nextDue: Int64? { waiting.map(\.due).min() }

    private static let silent: Set<RefusalReason> = [.notAllowed, .kind, .wrapper, .replay, .failure]

    private static func tick(after now: Int64) -> Int64 {
        let rest = now % tick
        return now + tick - (rest < 0 ? rest + tick : rest)
    }

    private static func isAnswerable(_ message: Message) -> Bool {
        let children = message.element.elements
        return (message.kind == .chat || message.kind == .normal)
            && !children.contains { $0.is("delay", Namespace.delay) || $0.isWrapper }
            && children.contains { $0.is("openpgp", Namespace.openPGP) || $0.is("body", message.element.namespace) }
    }
}
