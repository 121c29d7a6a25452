import Delivery
import Logging
import OX
import XML
import XMPP

/// The inbound road of one account, from the session to the dispatcher.
///
/// A message is recorded before the server is told that we have it; what comes while the disk is busy is recorded together. It is opened
/// and dispatched in its sender's own lane, so that a slow look-up of one sender's keys, or a message that can't be opened now, holds up
/// nobody else. The journal is the queue: of what waits, only numbers and a bounded part of the messages are in memory (``OpeningLanes``).
actor Inbox {
    /// What an inbox may hold and do at a time.
    struct Limits: Hashable, Sendable {
        /// Messages that wait for the disk. The session stops reading long before.
        var unrecorded = 64
        /// Messages, and bytes of them, that are kept in memory until they are opened.
        var held = 256
        var heldBytes = 8 << 20
        /// Messages that are being opened.
        var opening = 16
        /// Entries that are read from the journal at a time.
        var page = 64
    }
    private struct Arrival: Sendable {
        let inbound: InboundMessage
        let message: Message
        let envelope: Envelope
        let received: Int64
        let changes: [Change]
    }
    /// What became of an entry whose turn it was.
    private enum Step {
        case settled(Receipt? = nil)
        /// Others have taken the room meanwhile.
        case full
        case again(after: Duration)
        case stop
    }

    private let reception: Reception
    private let dispatcher: Dispatcher
    private let receipts: @Sendable (Receipt) async -> Void
    private let clock: any Clock<Duration>
    private let limits: Limits
    private let plan: OpeningPlan
    private let slots: Slots
    private let openings = KeyedQueue<Address>()
    /// Entries that wait for being opened.
    private var lanes: OpeningLanes<(envelope: Envelope, message: Message, received: Int64)>
    /// The newest entry that was put into the lanes; what is newer is found by looking through the journal.
    private var newest: Int64 = 0
    /// The newest entry that the journal is known to hold.
    private var recorded: Int64 = 0
    /// Entries of our own that were put into the lanes besides, and are newer than that.
    private var ownEntries: Set<Int64> = []
    /// Whether the lanes have all that the journal has.
    private var isComplete = false
    private var arrivals: [Arrival] = []
    private var whenTaken: CheckedContinuation<Void, Never>?
    private var isStopped = false
    private let writes: AsyncStream<Void>
    private let write: AsyncStream<Void>.Continuation
    private let looks: AsyncStream<Void>
    private let look: AsyncStream<Void>.Continuation
    /// How far the account's archive has been seen.
    private var progress = ArchiveProgress()

    init(
        reception: Reception,
        dispatcher: Dispatcher,
        clock: any Clock<Duration>,
        limits: Limits = Limits(),
        receipts: @escaping @Sendable (Receipt) async -> Void
    ) {
        self.reception = reception
        self.dispatcher = dispatcher
        self.clock = clock
        self.limits = limits
        self.receipts = receipts
        plan = OpeningPlan(patience: reception.openers.direct.age.maxAge)
        slots = Slots(limits.opening)
        lanes = OpeningLanes(messages: limits.held, bytes: limits.heldBytes)
        (writes, write) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (looks, look) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Records, opens and dispatches until it is cancelled. Begins with what an earlier process has left unfinished (R2).
    func run() async {
        look.yield()
        await withDiscardingTaskGroup { group in
            group.addTask { await self.openings.run() }
            group.addTask { await self.record() }
            group.addTask { await self.lookThrough() }
        }
    }

    /// How many messages wait for the disk, how many entries for being opened, and how many messages of these are in memory.
    var unrecordedCount: Int { arrivals.count }
    var waitingCount: Int { lanes.count }
    var heldCount: Int { lanes.held.messages }

    // MARK: from the session

    /// Takes one message of the session, and tells the session what became of it as soon as that is known. Returns at once unless too many
    /// wait for the disk; never waits for a handler.
    func take(_ inbound: InboundMessage) async {
        let message = inbound.stampedMessage(account: reception.account)
        switch reception.openers.examine(message, isAllowed: dispatcher.allows(message.from)) {
        case .nothing:
            inbound.processed()
        case .refused(let refusal):
            reception.refuse(refusal, message: message)
            inbound.processed()
        case .sealed(let envelope):
            guard !isStopped else { return inbound.lost() }
            let received = reception.now()
            let changes = changes(for: inbound, at: received)
            arrivals.append(Arrival(inbound: inbound, message: message, envelope: envelope, received: received, changes: changes))
            write.yield()
            guard arrivals.count >= limits.unrecorded else { return }
            await withCheckedContinuation { continuation in
                whenTaken?.resume()
                whenTaken = continuation
            }
        }
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
        let store = reception.store
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

    // MARK: into the journal

    /// Records what has arrived, all that is there at a time in one transaction, until it is cancelled.
    private func record() async {
        for await _ in writes {
            while !arrivals.isEmpty, !Task.isCancelled { await recordBatch() }
        }
        isStopped = true
        for arrival in takeArrivals() { arrival.inbound.lost() }
    }

    private func takeArrivals() -> [Arrival] {
        defer { arrivals = [] }
        whenTaken?.resume()
        whenTaken = nil
        return arrivals
    }

    private func recordBatch() async {
        let batch = takeArrivals()
        guard let verdicts = await record(batch) else {
            // The account is being stopped, and the server keeps them.
            for arrival in batch { arrival.inbound.lost() }
            return
        }
        for (arrival, verdict) in zip(batch, verdicts) {
            switch verdict {
            case .recorded(let number): enter(arrival, number)
            // What the archive shows again is no attack, and not worth a line in the log.
            case .replay where arrival.inbound.isArchived: break
            case .replay:
                reception.refuse(OpenRefusal(.replay, "the same OpenPGP message was received before"), message: arrival.message)
            }
            arrival.inbound.recorded()
        }
    }

    /// Writes messages into the journal, and goes on trying while that fails: what isn't safe here stays with the server.
    private func record(_ batch: [Arrival]) async -> [JournalVerdict]? {
        let rows = batch.map {
            JournalArrival(hash: $0.envelope.hash, stanza: $0.message.element, arrived: $0.received, changes: $0.changes)
        }
        var pause = Duration.seconds(1)
        while !Task.isCancelled {
            do {
                return try await reception.store.record(rows, account: reception.account)
            } catch {
                reception.counters.add(1, "oxbow_journal_errors_total", ["account": reception.account.description])
                reception.logger.error(
                    "the journal can't be written; nothing is taken from the server until it can",
                    metadata: ["error": "\(error)", "retry": "\(pause)"]
                )
                // What failed may be on disk all the same; then it looks like a replay the next time, and only the journal knows better.
                isComplete = false
                look.yield()
                try? await clock.sleep(for: pause)
                pause = min(pause * 2, .seconds(30))
            }
        }
        return nil
    }

    // MARK: out of the journal

    /// An event of our own has been recorded.
    func found(_ number: Int64) {
        guard isComplete else {
            // Whoever looks through the journal finds it.
            recorded = max(recorded, number)
            return
        }
        ownEntries = ownEntries.filter { $0 > newest }
        let own = reception.account
        // It may have been found already, while it was being said to us.
        if number <= newest, lanes.contains(number, from: own) || dispatcher.holds(number) { return }
        guard ownEntries.insert(number).inserted else { return }
        // `newest` stays: messages that were recorded before it may still be on their way here.
        if lanes.add(number, from: own) { begin(own) }
    }

    private func enter(_ arrival: Arrival, _ number: Int64) {
        recorded = max(recorded, number)
        // Until the journal was looked through, older messages of the sender's may be in it.
        guard isComplete, number > newest else { return }
        newest = number
        let isLive = arrival.inbound.origin == .live
        let content = (arrival.envelope, arrival.message, arrival.received)
        let (sender, bytes) = (arrival.message.from.bare, arrival.envelope.message.count)
        if lanes.add(number, from: sender, isLive: isLive, content: content, bytes: bytes) { begin(sender) }
    }

    /// Brings into the lanes what the journal has and they have not, page by page.
    private func lookThrough() async {
        for await _ in looks {
            var pause = Duration.seconds(1)
            while !isComplete, !Task.isCancelled {
                do {
                    let page = try await reception.store.findings(account: reception.account, after: newest, limit: limits.page)
                    for finding in page where finding.number > newest {
                        newest = finding.number
                        guard case .entry(let entry) = finding else {
                            isDamaged(finding.number)
                            continue
                        }
                        if ownEntries.contains(entry.number) { continue }
                        let sender = Message(entry.stanza, account: reception.account)?.from ?? reception.account
                        if lanes.add(entry.number, from: sender.bare) { begin(sender.bare) }
                    }
                    // What was recorded meanwhile is on the next page.
                    isComplete = page.count < limits.page && recorded <= newest
                } catch {
                    reception.logger.error("the journal can't be read", metadata: ["error": "\(error)", "retry": "\(pause)"])
                    try? await clock.sleep(for: pause)
                    pause = min(pause * 2, .seconds(30))
                }
            }
        }
    }

    /// A row that can't be read stays where it is, for whoever repairs the store; others go on.
    private func isDamaged(_ number: Int64) {
        reception.counters.add(1, "oxbow_journal_damaged_total", ["account": reception.account.description])
        reception.logger.error(
            "a message in the journal can't be read and is left out; stop Oxbow, keep a copy of the store, then `oxbow store repair`",
            metadata: ["number": "\(number)"]
        )
    }

    private func begin(_ sender: Address) {
        openings.enqueue(sender) { await self.work(on: sender) }
    }

    /// Opens and dispatches what waits of a sender, one after the other.
    private func work(on sender: Address) async {
        var failures = 0
        while !Task.isCancelled {
            await dispatcher.room(for: sender)
            let step: Step
            do {
                step = try await slots.withSlot { await self.next(of: sender, failures: failures) }
            } catch {
                return
            }
            dispatcher.letIn()
            switch step {
            case .settled(let receipt):
                failures = 0
                lanes.finished(sender)
                // Outside of the slot: it may have to wait until the line is free.
                if let receipt { await receipts(receipt) }
            case .full:
                continue
            case .again(let pause):
                failures += 1
                lanes.unload(sender)
                try? await clock.sleep(for: pause)
            case .stop:
                return
            }
        }
    }

    private func next(of sender: Address, failures: Int) async -> Step {
        guard dispatcher.hasRoom(for: sender) else { return .full }
        guard let turn = lanes.turn(of: sender) else { return .stop }
        let message: Message?
        let (outcome, arrived, attempts): (Reception.Outcome, Int64, Int)
        if let (envelope, fresh, received) = turn.content {
            message = fresh
            (arrived, attempts) = (received, 0)
            outcome = await reception.open(envelope, of: fresh, number: turn.number, received: received)
        } else {
            let finding: JournalFinding?
            do {
                finding = try await reception.store.findings(account: reception.account, after: turn.number - 1, limit: 1).first
            } catch {
                reception.logger.error("the journal can't be read", metadata: ["error": "\(error)"])
                return .again(after: .seconds(min(30, 1 << min(5, failures))))
            }
            guard let finding, finding.number == turn.number else { return .settled() }
            guard case .entry(let entry) = finding else {
                isDamaged(turn.number)
                return .settled()
            }
            message = Message(entry.stanza, account: reception.account)
            (arrived, attempts) = (entry.arrived, entry.attempts)
            outcome = await reception.open(entry)
        }
        switch outcome {
        case .opened(let opened):
            guard dispatcher.dispatch(opened, journalNumber: turn.number, attempts: attempts) == .queued else { return .stop }
            // R7: only after verification and journalling, and only for live messages.
            return .settled(turn.isLive ? message?.receiptAskedFor : nil)
        case .occurred(let occasion):
            guard dispatcher.dispatch(occasion, journalNumber: turn.number, attempts: attempts) == .queued else { return .stop }
            return .settled()
        case .refused:
            return .settled()
        case .failed(let fault):
            guard !Task.isCancelled else { return .stop }
            let age = reception.now() - arrived
            switch plan.verdict(fault, begun: attempts + 1, failures: failures + 1, age: age) {
            case .retry(let pause):
                if fault == .unclear { await reception.begun(turn.number) }
                return .again(after: pause)
            case .dead:
                return await reception.bury(turn.number, sender: sender, begun: attempts + 1) ? .settled() : .again(after: .seconds(30))
            }
        }
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
