import GRE
import Synchronization
import XML
import XMPP

/// What a handler holds besides its event. Closed when the event is over: nothing leaves in its name afterwards.
final class EventContext: HandlerContext {
    let event: Event
    private let bot: BotDefinition
    private let outgoing: any Outgoing
    private let available: @Sendable () -> [CommandDescription]
    private let isClosed = Mutex(false)

    init(event: Event, bot: BotDefinition, outgoing: any Outgoing, available: @escaping @Sendable () -> [CommandDescription]) {
        self.event = event
        self.bot = bot
        self.outgoing = outgoing
        self.available = available
    }

    func reply(_ text: String) async throws {
        try await reply([Element("body", Namespace.client, text: text)])
    }

    func reply(_ payload: [Element]) async throws {
        try checkOpen()
        guard !event.isOwn else {
            throw HandlerError(.nobody, "nobody sent this event, so there is nobody to answer: name an address in send_to and send there")
        }
        try PayloadRules.check(payload)
        // To the bare JID: what was signed for. A client that sent and left (go-sendxmpp, a script) reads the answer with another resource;
        // to its full JID the answer would vanish with it.
        try await outgoing.send(payload: asAnswer(payload), to: event.sender.bare, thread: event.thread, account: event.account)
    }

    func send(_ text: String, to address: Address) async throws {
        try await send(.message(text), to: address, thread: nil)
    }

    func send(_ payload: [Element], to address: Address, thread: String?) async throws {
        try checkOpen()
        try PayloadRules.check(payload)
        guard bot.maySend(to: address) else {
            throw HandlerError(.notAllowed, "bot \(bot.name) may not send to \(address.bare): name it in send_to of its bot.yaml")
        }
        try await outgoing.send(payload: payload, to: address, thread: thread, account: event.account)
    }

    func commands() async -> [CommandDescription] { available() }

    /// Ends the handler's right to speak for this event.
    func close() {
        isClosed.withLock { $0 = true }
    }

    /// An answer to a mail says which one it answers, and all before it, as mail programs thread by that.
    private func asAnswer(_ payload: [Element]) -> [Element] {
        guard !payload.contains(where: { $0.is(AnsweredMail.local, AnsweredMail.namespace) }) else { return titled(payload) }
        return titled(payload) + [AnsweredMail.element(event.references)].compactMap(\.self)
    }

    /// An answer to a mail has the mail's subject, unless it has one of its own: mail programs show little else.
    private func titled(_ payload: [Element]) -> [Element] {
        guard event.gateway != nil, !payload.contains(where: { $0.is("subject", Namespace.client) }), let subject = event.subject,
            !subject.isEmpty
        else { return payload }
        let isAnswer = subject.prefix(3).lowercased() == "re:"
        return payload + [Element("subject", Namespace.client, text: isAnswer ? subject : "Re: " + subject)]
    }

    private func checkOpen() throws {
        guard !isClosed.withLock({ $0 }) else { throw HandlerError(.over, "the event is over: nothing can be sent in its name any more") }
    }
}

extension PayloadRules {
    /// Refuses what may not be sent (R5).
    static func check(_ payload: [Element]) throws(HandlerError) {
        guard !payload.isEmpty else { throw HandlerError(.payload, "there is nothing to send") }
        for element in payload where forbids(element) {
            throw HandlerError(.payload, "\(element.name) may not be sent: it is no content, or has no namespace, or wraps a message")
        }
    }
}
