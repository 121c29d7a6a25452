import Logging
import NIOCore
import Synchronization
import XML
import XMPP

// What comes from the server.
extension ClientSession {
    /// How many requests of others are answered at the same time; more get an error that says "later".
    static var answerLimit: Int { 32 }

    func receive(_ element: Element, _ ticket: StreamManagement.Ticket?) {
        switch element.local {
        case "message":
            guard !receiveResult(element, ticket) else { return }
            // What can't be read as a message can't be answered or lost.
            guard let message = Message(element, account: account) else { return confirm(ticket) }
            let stamp = Delay.all(in: element).map(\.stamp).min()
            let archiveID = StanzaIDs.stanzaID(of: message, by: account)
            return push(message, stamp.map { .delayed(stamp: $0) } ?? .live, archiveID: archiveID, ticket)
        case "presence":
            if let presence = InboundPresence(element, account: account) {
                unseen += 1
                queue.push(.presence(presence))
                adjustReading()
            }
        default:
            receiveIQ(element)
        }
        confirm(ticket)
    }

    /// Passes a message on.
    func push(_ message: Message, _ origin: InboundMessage.Origin, archiveID: String?, _ ticket: StreamManagement.Ticket?) {
        unprocessed += 1
        let isResult = if case .archive = origin { true } else { false }
        if isResult { unprocessedResults += 1 }
        let once = Atomic(false)
        let number = link?.number
        let done: @Sendable (Fate) -> Void = { [self] fate in
            guard !once.exchange(true, ordering: .relaxed) else { return }
            loop.execute { self.assumeIsolated { $0.finished(ticket, fate, from: number, isResult: isResult) } }
        }
        queue.push(
            .message(
                InboundMessage(
                    message,
                    origin: origin,
                    archiveID: archiveID,
                    resumption: resumptions == nil ? nil : ticket.flatMap { link?.handler.record(with: $0) },
                    recorded: { done(.recorded) },
                    lost: { done(.lost) },
                    processed: { done(.processed) }
                )
            )
        )
        adjustReading()
    }

    func presenceSeen() {
        unseen -= 1
        adjustReading()
    }

    /// What became of a message.
    private enum Fate: Sendable { case processed, recorded, lost }

    private func finished(_ ticket: StreamManagement.Ticket?, _ fate: Fate, from number: Int?, isResult: Bool) {
        unprocessed -= 1
        if isResult { resultIsDone(isSafe: fate != .lost) }
        switch fate {
        case .processed: confirm(ticket)
        case .recorded: confirm(ticket, recorded: true)
        case .lost:
            // Of a connection before this one: what wasn't counted then has come again since.
            guard let link, link.isBound, link.number == number else { break }
            link.handler.abandon(
                SessionFailure(.store, "A message for \(account) could not be stored; it is asked for again with the next connection.")
            )
        }
        adjustReading()
    }

    /// Counts a stanza as safe here, with or without a connection.
    func confirm(_ ticket: StreamManagement.Ticket?, recorded: Bool = false) {
        guard let ticket else { return }
        if let link, link.ending == nil {
            link.handler.report(.handled(ticket, recorded: recorded && resumptions != nil))
        } else {
            resumption?.confirm(ticket, recorded: recorded && resumptions != nil)
        }
    }

    private func receiveIQ(_ element: Element) {
        switch element["type"] {
        case "result", "error":
            if let (waiter, result) = requests.answer(element) { waiter.finish(result) }
            scheduleExpiry()
        default:
            guard answering < Self.answerLimit else { return refuse(element) }
            answering += 1
            addJob.yield(.answer(element))
        }
    }

    private func refuse(_ request: Element) {
        guard let id = request["id"], let sender = request["from"].map({ Address($0) }) ?? account, isHeard(sender) else { return }
        let error = StanzaError("resource-constraint", .wait)
        reply(Element("iq", Namespace.client, ["id": id, "to": request["from"], "type": "error"], [error.element]))
    }

    /// Does what the connection can't wait for, until the session is over.
    nonisolated func performJobs() async {
        await withDiscardingTaskGroup { group in
            for await job in jobs {
                group.addTask {
                    switch job {
                    case .answer(let request):
                        let answer = await self.router.answer(request, account: self.account, isHeard: self.isHeard)
                        await self.answered(answer)
                    case .remember(let pins): await self.remember(pins)
                    case .writeRecords: await self.writeRecords()
                    }
                }
            }
            group.cancelAll()
        }
    }

    private nonisolated func remember(_ pins: LoginPins) async {
        do {
            try await memory?.setLoginPins(pins, of: account)
        } catch {
            logger.warning("what the login proved could not be stored; the next start may accept less of the server: \(error)")
        }
    }

    private func answered(_ answer: Element?) {
        answering -= 1
        if let answer { reply(answer) }
    }

    private func reply(_ answer: Element) {
        guard let link, link.isBound else { return }
        link.handler.report(.send(answer, token: nil))
    }
}
