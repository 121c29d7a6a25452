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
    /// How far the account's archive has been seen.
    private var progress = ArchiveProgress()

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

    /// What the session may be told about a message.
    enum Safety: Sendable {
        /// Nothing of it has to be kept.
        case seen
        /// It is on disk, with the session's count and the place in the archive.
        case recorded
        /// Neither: the account is being stopped, and the server keeps it.
        case lost
    }

    /// Takes one message of the session; returns when it is safe here.
    func take(_ inbound: InboundMessage) async -> Safety {
        let message = inbound.stampedMessage(account: reception.account)
        switch reception.openers.examine(message, isAllowed: dispatcher.allows(message.from)) {
        case .nothing:
            break
        case .refused(let refusal):
            reception.refuse(refusal, message: message)
        case .sealed(let envelope):
            let received = reception.now()
            switch await record(envelope, message, received: received, with: changes(for: inbound, at: received)) {
            case .recorded(let number)?: open(envelope, message, number: number, received: received, isLive: inbound.origin == .live)
            // What the archive shows again is no attack, and not worth a line in the log.
            case .replay? where inbound.isArchived: break
            case .replay?: reception.refuse(OpenRefusal(.replay, "the same OpenPGP message was received before"), message: message)
            case nil: return .lost
            }
            return .recorded
        }
        return .seen
    }

    /// What has to be on disk together with a message (R12): the session's count, and how far the archive has been seen.
    private func changes(for inbound: InboundMessage, at time: Int64) -> [Change] {
        var changes: [Change] = []
        if let record = inbound.resumption { changes.append(.resumption(record, account: reception.account)) }
        if let id = progress.take(inbound) {
            changes.append(.archive(ArchiveMark(id: id, time: time), account: reception.account))
        }
        return changes
    }

    /// A session has begun that doesn't go on with an earlier one: there may be a gap. To be called before its first message is taken.
    func sessionIsNew() { progress.mayHaveGap() }

    /// Reads what the archive has of the time that nobody was online (R6). For each session that is new.
    ///
    /// - Parameter catchUp: Asks the session.
    func closeGap(_ catchUp: (ArchivePosition) async throws -> ArchiveOutcome) async {
        guard let store = reception.journal as? any Store else { return }
        do {
            guard let mark = try await store.archiveMark(of: reception.account) else {
                // R6: the first start begins at now.
                progress.beginsNow()
                try await store.commit([.archive(ArchiveMark(id: nil, time: reception.now()), account: reception.account)])
                return
            }
            let position: ArchivePosition = mark.id.map { .after(id: $0, fallback: mark.time) } ?? .since(mark.time)
            let outcome = try await catchUp(position)
            if let id = progress.caughtUp(outcome) {
                try await store.commit([.archive(ArchiveMark(id: id, time: reception.now()), account: reception.account)])
            }
            if outcome.messages > 0 {
                reception.logger.notice("messages were fetched from the archive", metadata: ["messages": "\(outcome.messages)"])
            }
        } catch let error as StanzaError {
            reception.logger.notice(
                "the server has no archive to read; what came while we were away comes as offline messages, or not at all",
                metadata: ["error": "\(error)"]
            )
        } catch {
            guard !Task.isCancelled else { return }
            reception.logger.warning(
                "the archive could not be read to its end; the next login tries again",
                metadata: ["error": "\(error)"]
            )
        }
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

    private func open(_ envelope: Envelope, _ message: Message, number: Int64, received: Int64, isLive: Bool) {
        opening.insert(number)
        openings.enqueue(message.from.bare) {
            let outcome = await self.reception.open(envelope, of: message, number: number, received: received)
            if case .opened(let opened) = outcome {
                self.dispatcher.dispatch(opened, journalNumber: number)
                // R7: only after verification and journalling, and only for live messages.
                if isLive, let receipt = message.receiptAskedFor { await self.receipts(receipt) }
            }
            await self.finished(number, outcome)
        }
    }

    private func finished(_ number: Int64, _ outcome: Reception.Outcome) {
        opening.remove(number)
        if case .failed = outcome { failed.insert(number) }
    }

    /// Writes a message into the journal, and goes on trying while that fails: what isn't safe here stays with the server.
    private func record(_ envelope: Envelope, _ message: Message, received: Int64, with changes: [Change]) async -> JournalVerdict? {
        var pause = Duration.seconds(1)
        while !Task.isCancelled {
            do {
                guard let store = reception.journal as? any Store else {
                    return try await reception.journal.record(
                        account: reception.account,
                        hash: envelope.hash,
                        stanza: message.element,
                        arrived: received
                    )
                }
                return try await store.record(
                    account: reception.account,
                    hash: envelope.hash,
                    stanza: message.element,
                    arrived: received,
                    with: changes
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

extension InboundMessage {
    fileprivate var isArchived: Bool {
        if case .archive = origin { true } else { false }
    }

    /// The message; one out of our archive with the archive's own stamp, which explains its age and keeps it from being answered (R1, R4).
    fileprivate func stampedMessage(account: Address) -> Message {
        guard case .archive(_, let stamp) = origin else { return message }
        var element = message.element
        let attributes = ["from": account.domainAddress.description, "stamp": DateTime.text(stamp)]
        element.append(Element("delay", Namespace.delay, attributes))
        return Message(element, account: account) ?? message
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
