import Delivery
import Logging
import OX
import XML
import XMPP

/// The inbound road of one account, from the session to the dispatcher.
///
/// A message is recorded before the server is told that we have it; it is opened and dispatched in its sender's own queue, so that a
/// slow look-up of one sender's keys holds up nobody else.
actor Inbox {
    private let reception: Reception
    private let dispatcher: Dispatcher
    private let receipts: @Sendable (Receipt) async -> Void
    private let clock: any Clock<Duration>
    private let openings = KeyedQueue<Address>()
    /// Entries that are in the queues now; a look through the journal must not start them a second time.
    private var opening: Set<Int64> = []
    /// Entries that could not be opened because something of ours failed.
    private var failed: Set<Int64> = []

    init(
        reception: Reception,
        dispatcher: Dispatcher,
        clock: any Clock<Duration>,
        receipts: @escaping @Sendable (Receipt) async -> Void
    ) {
        self.reception = reception
        self.dispatcher = dispatcher
        self.clock = clock
        self.receipts = receipts
    }

    /// Opens and dispatches until it is cancelled.
    func run() async {
        await openings.run()
    }

    /// Takes one message of the session. Returns whether the server may be told that it is safe here: `false` only when stopped.
    func take(_ message: Message) async -> Bool {
        switch reception.openers.examine(message, isAllowed: dispatcher.allows(message.from)) {
        case .nothing:
            break
        case .refused(let refusal):
            reception.refuse(refusal, message: message)
        case .sealed(let envelope):
            let received = reception.now()
            switch await record(envelope, message, received: received) {
            case .recorded(let number)?: open(envelope, message, number: number, received: received)
            case .replay?: reception.refuse(OpenRefusal(.replay, "the same OpenPGP message was received before"), message: message)
            case nil: return false
            }
        }
        return true
    }

    /// Takes up what an earlier process has left unfinished (R2). For the start, before the first message.
    func resume() async {
        await resume { _ in true }
    }

    /// Tries again what could not be opened because something of ours had failed.
    func retry() async {
        let numbers = failed
        guard !numbers.isEmpty else { return }
        failed = []
        await resume { numbers.contains($0) }
    }

    private func resume(where isWanted: (Int64) -> Bool) async {
        let entries: [JournalEntry]
        do {
            entries = try await reception.journal.unfinished(account: reception.account)
        } catch {
            reception.logger.error("the journal can't be read", metadata: ["error": "\(error)"])
            return
        }
        for entry in entries where isWanted(entry.number) && !opening.contains(entry.number) { resume(entry) }
    }

    private func resume(_ entry: JournalEntry) {
        let sender = Message(entry.stanza, account: reception.account)?.from ?? reception.account
        opening.insert(entry.number)
        openings.enqueue(sender.bare) {
            let outcome = await self.reception.open(entry)
            if case .opened(let opened) = outcome {
                self.dispatcher.dispatch(opened, journalNumber: entry.number, attempts: entry.attempts)
            }
            await self.finished(entry.number, outcome)
        }
    }

    private func open(_ envelope: Envelope, _ message: Message, number: Int64, received: Int64) {
        opening.insert(number)
        openings.enqueue(message.from.bare) {
            let outcome = await self.reception.open(envelope, of: message, number: number, received: received)
            if case .opened(let opened) = outcome {
                self.dispatcher.dispatch(opened, journalNumber: number)
                // R7: only after verification and journalling, and only for live messages.
                if let receipt = message.receiptAskedFor { await self.receipts(receipt) }
            }
            await self.finished(number, outcome)
        }
    }

    private func finished(_ number: Int64, _ outcome: Reception.Outcome) {
        opening.remove(number)
        if case .failed = outcome { failed.insert(number) }
    }

    /// Writes a message into the journal, and goes on trying while that fails: what isn't safe here stays with the server.
    private func record(_ envelope: Envelope, _ message: Message, received: Int64) async -> JournalVerdict? {
        var pause = Duration.seconds(1)
        while !Task.isCancelled {
            do {
                return try await reception.journal.record(
                    account: reception.account,
                    hash: envelope.hash,
                    stanza: message.element,
                    arrived: received
                )
            } catch {
                reception.counters.add(1, "oxbow_journal_errors_total", ["account": reception.account.description])
                reception.logger.error(
                    "the journal can't be written; nothing is taken from the server until it can",
                    metadata: ["error": "\(error)", "retry": "\(pause)"]
                )
                try? await clock.sleep(for: pause)
                pause = min(pause * 2, .seconds(30))
            }
        }
        return nil
    }
}

extension Message {
    /// The receipt that this message asks for (XEP-0184 § 5.1), unless it was delayed, is an error, or has no id.
    fileprivate var receiptAskedFor: Receipt? {
        guard kind == .chat || kind == .normal, let id, element.first("request", Namespace.receipts) != nil else { return nil }
        guard element.first("delay", Namespace.delay) == nil else { return nil }
        return Receipt(to: from, messageID: id)
    }
}
