import Delivery
import Logging
import XML
import XMPP

/// The way out of one account for what must not be lost: what is accepted is on disk, and tried until its end (R10).
///
/// Handlers' answers, what admins are told and `oxbow send --queue` go this way.
final class Outbox: Outgoing {
    private let account: Address
    private let store: any Store
    private let session: any Session
    private let now: @Sendable () -> Int64
    private let logger: Logger
    private let counters: Counters
    private let makeID: @Sendable () -> String
    private let tellOthers: @Sendable (OtherMessage) -> Void
    /// Works the queue.
    let driver: OutboxDriver

    init(
        _ surroundings: OutboxDriver.Surroundings,
        limits: OutboxMachine.Limits = OutboxMachine.Limits(),
        makeID: @escaping @Sendable () -> String = Identifier.random
    ) {
        account = surroundings.account
        store = surroundings.store
        session = surroundings.session
        now = surroundings.now
        logger = surroundings.logger
        counters = surroundings.counters
        tellOthers = surroundings.otherMessage
        self.makeID = makeID
        driver = OutboxDriver(surroundings, limits: limits)
    }

    /// Works the queue until it is cancelled.
    func run() async {
        await driver.run()
    }

    /// Takes a message in. When it returns, the message is safe on disk.
    ///
    /// - Parameters:
    ///   - id: The id of the stanza; an id that was accepted before changes nothing, so that what runs again doesn't say its piece twice.
    ///   - expires: When it is given up, in seconds since 1970; the usual time without a value.
    /// - Returns: The number and id under which `oxbow outbox` knows it.
    @discardableResult
    func accept(
        _ payload: [Element],
        to recipient: Address,
        thread: String? = nil,
        id: String? = nil,
        expires: Int64? = nil
    ) async throws -> (number: Int64, id: String) {
        let draft = Draft(payload: payload, recipient: recipient, thread: thread, id: id ?? makeID(), expires: expires)
        let messages = draft.messages(from: account, limit: await session.sizeLimit?.bytes, now: now())
        let numbers = try await store.commit(messages.map { .outbox(.accept($0)) })
        counters.add(messages.count, "oxbow_accepted_total", ["account": account.description])
        for message in messages {
            logger.debug("message accepted", metadata: ["message": "\(message.id)", "to": "\(recipient.bare)"])
        }
        driver.post(.accepted)
        tellOthers(OtherMessage(account: account, recipient: recipient))
        return (numbers.first ?? 0, draft.id)
    }

    /// Others have put messages of this account into the store.
    func accepted() { driver.post(.accepted) }

    func send(payload: [Element], to recipient: Address, thread: String?, account: Address) async throws {
        try await accept(payload, to: recipient, thread: thread)
    }

    func answering(_ key: String) -> any Outgoing { NumberedAnswers(outbox: self, key: key) }

    /// Takes a message in without waiting for the disk; what fails is logged.
    func post(_ payload: [Element], to recipient: Address) async {
        do {
            try await accept(payload, to: recipient)
        } catch {
            logger.error("a message could not be accepted", metadata: ["to": "\(recipient.bare)", "error": "\(error)"])
        }
    }

    /// An error stanza that may be about a message of ours (R10).
    func bounced(_ message: Message) async {
        guard message.kind == .error, let entry = await entry(id: message.id) else { return }
        let error = StanzaError(from: message.element)
        driver.post(.bounced(entry, from: message.from, condition: error.condition, text: error.text))
    }

    /// A receipt that may be for a message of ours (XEP-0184): a hint, not a proof (R7).
    func received(_ id: String, from sender: Address) async {
        guard let entry = await entry(id: id) else { return }
        driver.post(.receipt(entry, from: sender))
    }

    /// Something has changed for everybody behind a gateway: what is held for them may go.
    func hasten(behind gateway: Address) async {
        do {
            for recipient in try await store.held(account: account, behind: gateway) { driver.post(.hasten(recipient)) }
        } catch {
            logger.error("the outbox can't be read; what waits for a gateway goes within the hour", metadata: ["error": "\(error)"])
        }
    }

    private func entry(id: String?) async -> OutboxEntry? {
        guard let id else { return nil }
        do {
            return try await store.find(OutboxQuery(.id(id), account: account, limit: 1)).entries.first
        } catch {
            logger.error("the outbox can't be read", metadata: ["error": "\(error)"])
            return nil
        }
    }
}
