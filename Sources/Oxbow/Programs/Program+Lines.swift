import Logging
import Synchronization
import XML
import XMPP

/// A message of a program's own accord.
struct UnpromptedSend: Hashable, Sendable {
    var text: String
    var to: String
    /// What the program is told the outcome under, if it wants to know.
    var ref: String?
}

extension Program {
    /// Does what a line asks for; returns a fault if the program has to go.
    func take(
        _ line: LineSplitter.Line,
        _ now: Duration,
        _ sends: AsyncStream<UnpromptedSend>.Continuation,
        _ number: Int
    ) -> ProgramConversation.Fault? {
        let (action, unread) = state.withLock { state -> (ProgramConversation.Action?, Int) in
            guard state.incarnation?.number == number else { return (nil, 0) }
            return (state.incarnation?.conversation.line(line, at: now), state.incarnation?.unread ?? 0)
        }
        guard unread <= limits.unread else { return .flood }
        switch action {
        case nil: return nil
        case .fault(let fault): return fault
        case .log(let text): logger.info("The program says: \(LogText.clean(text))")
        case .stray(let isLate):
            count(isLate ? "late" : "unknown-id")
            logger.warning("The program answers an event that is \(isLate ? "over" : "not known"); the answer was dropped.")
        case .send(let text, let to, let ref):
            if case .dropped = sends.yield(UnpromptedSend(text: text, to: to, ref: ref)) { return .flood }
        case .answer(let id, let reply, let end):
            let flight = state.withLock { state in
                end == nil ? state.incarnation?.flights[id] : state.incarnation?.flights.removeValue(forKey: id)
            }
            if let flight { for answer in answers(reply) { flight.yield(answer) } }
            if let end {
                flight?.yield(.end(end))
                flight?.finish()
            }
        }
        return nil
    }

    /// What a line's text and XML come to: one message each.
    private func answers(_ reply: ProgramOutput.Reply) -> [Answer] {
        var answers: [Answer] = []
        if reply.text != nil || !reply.files.isEmpty { answers.append(.message(reply)) }
        guard !reply.payload.isEmpty else { return answers }
        var elements: [Element] = []
        for xml in reply.payload {
            do throws(ParseError) {
                elements.append(try Document.parse(Array(xml.utf8)))
            } catch {
                return answers + [.refused("an answer's payload is no XML that may be sent: \(error)")]
            }
        }
        return answers + [.payload(elements)]
    }

    /// Sends what the program says of its own accord, one after the other (R18).
    func deliver(_ sends: AsyncStream<UnpromptedSend>, _ number: Int) async {
        for await send in sends {
            let problem = await problem(sending: send)
            if let problem { logger.warning("A message of the program was not sent.", metadata: ["error": "\(problem)"]) }
            guard let ref = send.ref else { continue }
            state.withLock { state in
                guard state.incarnation?.number == number else { return }
                state.incarnation?.write(problem.map { ProgramInput.failed(ref, $0) } ?? ProgramInput.sent(ref))
            }
        }
    }

    private func problem(sending send: UnpromptedSend) async -> String? {
        guard let address = Address(send.to) else {
            count("bad-address")
            return "'to' is no JID"
        }
        guard bot.maySend(to: address) else {
            count("send-to")
            return "send_to does not name the address"
        }
        do {
            let body = Element("body", Namespace.client, text: send.text)
            try await outgoing.send(payload: [body], to: address, thread: nil, account: account)
            return nil
        } catch {
            count("send")
            return "\(error)"
        }
    }
}

extension ProgramConversation.Fault {
    /// The counter's label.
    var reason: String {
        switch self {
        case .garbage: "garbage"
        case .tooLong: "line-too-long"
        case .flood: "flood"
        }
    }

    /// What the log says.
    var words: String {
        switch self {
        case .garbage(let words): words
        case .tooLong: "a line is too long"
        case .flood: "too many lines"
        }
    }
}
