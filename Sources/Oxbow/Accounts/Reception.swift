import Delivery
import Logging
import OX
import OpenPGP
import XMPP

/// Opens what the journal has recorded, and settles what is refused: counted by its reason, done in the journal, answered as R4 says.
///
/// One for an account. It is used by whoever brings a recorded message to its handlers: at arrival, after a crash, and when the
/// dispatcher has room again.
struct Reception: Sendable {
    let account: Address
    let openers: Openers
    let store: any Store
    let refusals: RefusalDesk
    let counters: Counters
    let logger: Logger
    let now: @Sendable () -> Int64
    /// Tells the account's admins something (a dead letter, R2).
    let tellAdmins: @Sendable (String) -> Void
    var recent = RecentEvents()

    /// What became of a recorded message.
    enum Outcome: Sendable {
        /// It may be dispatched.
        case opened(OpenedMessage)
        /// It is an event of our own.
        case occurred(Occasion)
        /// It was refused, and the entry is done.
        case refused
        /// It could not be opened, and that is no verdict on it: the entry stays `received` and is tried again later.
        case failed(OpeningPlan.Fault)
    }

    /// Decrypts and verifies a recorded message, and holds it against what its signer has sent before (S7, R2).
    func open(_ envelope: Envelope, of message: Message, number: Int64, received: Int64) async -> Outcome {
        do throws(OpenRefusal) {
            let opened = try await openers.open(envelope, received: received)
            try await mark(opened, number: number)
            counters.add(1, "oxbow_opened_total", ["account": account.description])
            recent.note(RecentEvent(time: now(), account: account, .opened, peer: opened.sender, message: "\(number)"))
            logger.info("message opened", metadata: ["message": "\(number)", "from": "\(opened.sender.bare)"])
            return .opened(opened)
        } catch {
            return await settle(error, message: message, number: number)
        }
    }

    /// Opens a journal's entry again.
    func open(_ entry: JournalEntry) async -> Outcome {
        if let occasion = Occasion(entry.stanza) { return .occurred(occasion) }
        guard let message = Message(entry.stanza, account: account) else {
            return await settle(OpenRefusal(.envelope, "the journal's entry is no message"), message: nil, number: entry.number)
        }
        // Whether the sender is allowed was asked at arrival; the bots' own lists are asked again at dispatch.
        switch openers.examine(message, isAllowed: true) {
        case .sealed(let envelope): return await open(envelope, of: message, number: entry.number, received: entry.arrived)
        case .refused(let refusal): return await settle(refusal, message: message, number: entry.number)
        case .nothing: return await settle(OpenRefusal(.envelope, "the journal's entry is empty"), message: message, number: entry.number)
        }
    }

    /// Counts a refusal, and has it answered if R4 says so.
    ///
    /// - Parameter number: The journal's number for it, if it got that far.
    func refuse(_ refusal: OpenRefusal, message: Message, number: Int64? = nil) {
        count(refusal, sender: message.from, number: number)
        // What to do about it (R4) is said to people who speak OX; people behind a gateway would get a mail about a thing they don't have.
        if !openers.isMail(message.from) { refusals.note(message, refusal: refusal, at: now()) }
    }

    private func settle(_ refusal: OpenRefusal, message: Message?, number: Int64) async -> Outcome {
        guard !refusal.isTemporary else {
            // What a shutdown interrupts has not failed.
            if !Task.isCancelled { count(refusal, sender: message?.from, number: number) }
            return .failed(refusal.reason == .unclear ? .unclear : .ours)
        }
        if let message {
            refuse(refusal, message: message, number: number)
        } else {
            count(refusal, sender: nil, number: number)
        }
        return await close(number) ? .refused : .failed(.ours)
    }

    /// Remembers that a message was begun which may hold us up for ever.
    func begun(_ number: Int64) async {
        do {
            try await store.commit([JournalChange.attempted(number: number)])
        } catch {
            // It is begun once more than R2 says.
            logger.error("the journal can't be written; an attempt is not counted", metadata: ["error": "\(error)"])
        }
    }

    /// Gives a message up that could not be opened (R2). Returns whether that is on disk.
    func bury(_ number: Int64, sender: Address, begun: Int) async -> Bool {
        do {
            try await store.commit([JournalChange.dead(number: number)])
        } catch {
            logger.error("the journal can't be written; a dead letter is looked at again", metadata: ["error": "\(error)"])
            return false
        }
        counters.add(1, "oxbow_dispatch_total", ["account": account.description, "reason": "dead"])
        logger.error(
            "A message was given up: it could not be opened.",
            metadata: ["from": "\(sender)", "message": "\(number)", "attempts": "\(begun)"]
        )
        tellAdmins("\(account): a message of \(sender) was given up. It could not be opened; the log says why.")
        return true
    }

    private func mark(_ opened: OpenedMessage, number: Int64) async throws(OpenRefusal) {
        var marks: Set<JournalMark> = [.content(opened.contentHash)]
        if let id = opened.originID { marks.insert(.originID(id)) }
        let isRepeat: Bool
        do {
            isRepeat = try await store.isRepeat(account: account, signer: opened.replayName, marks: marks, besides: number)
            if !isRepeat { try await store.commit([JournalChange.verified(number: number, signer: opened.replayName, marks: marks)]) }
        } catch {
            throw OpenRefusal(.failure, "the journal can't be used: \(error)")
        }
        guard !isRepeat else { throw OpenRefusal(.replay, "its signer has sent the same before") }
    }

    private func close(_ number: Int64) async -> Bool {
        do {
            try await store.commit([JournalChange.done(number: number)])
            return true
        } catch {
            // It stays `received`: it will be refused again, which costs work but lets nothing through.
            logger.error("the journal can't be written; a refused message will be looked at again", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func count(_ refusal: OpenRefusal, sender: Address?, number: Int64?) {
        counters.add(1, "oxbow_refused_total", ["account": account.description, "reason": refusal.reason.description])
        // Strangers can send as much as they like: what they do is counted, not logged.
        guard refusal.reason != .notAllowed else { return }
        recent.note(
            RecentEvent(
                time: now(),
                account: account,
                .refused,
                peer: sender,
                reason: refusal.reason.description,
                message: number.map { "\($0)" }
            )
        )
        var details: Logger.Metadata = [
            "reason": "\(refusal.reason)", "detail": "\(refusal.detail)", "from": "\(sender.map { $0.bare.description } ?? "the journal")",
        ]
        // What is refused before it is recorded has no number.
        if let number { details["message"] = "\(number)" }
        logger.warning("message refused", metadata: details)
    }
}
