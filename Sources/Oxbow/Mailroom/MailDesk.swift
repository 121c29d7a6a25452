import Delivery
import Logging
import XMPP

/// The way into one account's outbox for those who can't wait until it is online: into the store, and then a word to the driver if there is
/// one. A driver that begins later reads the store anyway.
struct MailDesk: Sendable {
    let account: Address
    /// `nil` for an account whose section of the file is wrong.
    let settings: AccountSettings?
    let tenant: Account?
    let house: House

    /// Accepts drafts and remembers notes in one transaction.
    ///
    /// - Returns: The id of each draft's first message.
    /// - Throws: ``ControlError``.
    @discardableResult
    func accept(_ drafts: [Draft], notes: [(key: String, bytes: [UInt8]?)] = []) async throws -> [String] {
        let equipment = try? await tenant?.working()
        do {
            let limit = try await limit(equipment)
            let now = house.now()
            let messages = drafts.flatMap { $0.messages(from: account, limit: limit, now: now) }
            let changes: [Change] =
                messages.map { .outbox(.accept($0)) } + notes.map { .note(key: $0.key, bytes: $0.bytes, account: account) }
            guard !changes.isEmpty else { return [] }
            try await house.memories.store.commit(changes)
            house.counters.add(messages.count, "oxbow_accepted_total", ["account": account.description])
            for message in messages {
                house.logger.debug(
                    "message accepted",
                    metadata: ["account": "\(account)", "message": "\(message.id)", "to": "\(message.recipient.bare)"]
                )
            }
        } catch {
            throw ControlError(.failed, "it can't be written to the store: \(error)")
        }
        if !drafts.isEmpty { equipment?.durable.accepted() }
        return drafts.map(\.id)
    }

    /// Says of letters that they wait behind an earlier message to the same recipient which is held: they have no turn, and so no failure, of
    /// their own, and whoever can tell somebody else instead must hear of it now.
    func report(_ letters: [Letter]) async {
        for recipient in Set(letters.map(\.recipient.bare)) {
            let query = OutboxQuery(.states([.held]), account: account, recipient: recipient, limit: 1)
            guard let head = try? await house.memories.store.find(query).entries.first, let failure = head.failure else { continue }
            for letter in letters where letter.recipient.bare == recipient && letter.id != head.id {
                let kind = LetterOutcome.Kind.held(reason: failure.kind.rawValue)
                house.outcome(LetterOutcome(account: account, id: letter.id, recipient: recipient, kind: kind))
            }
        }
    }

    /// The largest stanza that the server takes, as far as it is known without a connection (R11).
    private func limit(_ equipment: Equipment?) async throws -> Int? {
        if let equipment { return await equipment.session.sizeLimit?.bytes }
        let learnt = try await house.memories.store.summary(account: account, before: 0).learntLimit
        return [settings?.maxStanza, learnt].compactMap(\.self).min()
    }
}
