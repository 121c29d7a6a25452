import Delivery
import GRE
import Logging
import OX
import OpenPGP
import XML
import XMPP
import XMPPNIO

/// Everything that a running account works with, put together.
struct Equipment: Sendable {
    let session: any LiveSession
    let cryptography: Cryptography
    let dispatcher: Dispatcher
    let inbox: Inbox
    let outbox: DirectOutbox
    /// The way out for what must not be lost.
    let durable: Outbox
    let household: Household
    let refusals: RefusalDesk
    /// Registers with gateways.
    let clerk: GatewayClerk
    let online = OnlineGate()
    /// Says that a session has begun which doesn't go on with an earlier one.
    let gaps: AsyncStream<Void>.Continuation
    private let newSessions: AsyncStream<Void>
    private let admins: Admins
    private let settings: AccountSettings
    private let house: House
    private let logger: Logger

    var directory: KeyDirectory { cryptography.directory }

    /// Opens the account's keyring and connects the parts; nothing runs before ``run()``.
    init(settings: AccountSettings, bots: [BotDefinition], house: House, logger: Logger) async throws {
        (newSessions, gaps) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.settings = settings
        self.house = house
        self.logger = logger
        let contacts = Contacts(
            // XEP-0100 § 4.1: a gateway and those who use it see each other's presence.
            recipients: settings.recipients + settings.admins + settings.gateways.map(\.jid),
            subscribes: settings.subscribe,
            allows: { address in bots.contains { $0.allows(address) } }
        )
        var plan = SessionPlan(
            settings: settings,
            handlers: [RosterPushes(account: settings.jid, changed: contacts.pushed)],
            isHeard: contacts.isKnown,
            isLasting: true,
            house: house,
            logger: logger
        )
        plan.learntLimit = try await house.memories.store.summary(account: settings.jid, before: 0).learntLimit
        let session = try await house.connect(plan)
        self.session = session
        cryptography = try await Cryptography(
            settings: settings,
            session: session,
            house: house,
            logger: logger,
            acceptsUnsigned: bots.contains { $0.handlers.contains { $0.unsigned == .accept } }
        )
        clerk = GatewayClerk(settings: settings, session: session, house: house, logger: logger)
        refusals = RefusalDesk(session: session, counters: house.counters)
        outbox = DirectOutbox(sealer: cryptography.sealers, session: session, online: online, house: house)
        let sealers = cryptography.sealers
        durable = Outbox(
            OutboxDriver.Surroundings(
                account: settings.jid,
                store: house.memories.store,
                sealer: sealers,
                session: session,
                counters: house.counters,
                logger: logger,
                clock: house.clock,
                now: house.now,
                alarm: { notice in house.alarm(notice, settings.jid) },
                outcome: house.outcome,
                recent: house.recent,
                otherMessage: house.otherMessage
            ),
            limits: OutboxMachine.Limits(stuckAfter: settings.stuckAfter.components.seconds)
        )
        let admins = Admins(settings: settings, outbox: outbox, logger: logger)
        let reception = Reception(
            account: settings.jid,
            openers: cryptography.openers,
            store: house.memories.store,
            refusals: refusals,
            counters: house.counters,
            logger: logger,
            now: house.now,
            tellAdmins: admins.tell,
            recent: house.recent
        )
        let dispatcher = Dispatcher(
            account: settings.jid,
            bots: bots,
            modules: house.modules,
            surroundings: Dispatcher.Surroundings(
                outgoing: durable,
                journal: house.memories.store,
                tellAdmins: admins.tell,
                counters: house.counters,
                logger: logger,
                clock: house.clock,
                now: house.now,
                stateFolder: house.stateFolder,
                recent: house.recent
            )
        )
        self.dispatcher = dispatcher
        household = Household(
            account: settings.jid,
            session: session,
            announcer: cryptography.announcer,
            directory: cryptography.directory,
            contacts: contacts,
            clerk: clerk,
            registered: { [durable, gateways = cryptography.gateways] gateway in
                await gateways?.directory.forgetFailures(of: gateway)
                await durable.hasten(behind: gateway)
            },
            clock: house.clock,
            now: house.now,
            logger: logger
        )
        self.admins = admins
        inbox = Inbox(reception: reception, dispatcher: dispatcher, clock: house.clock) { [session] receipt in
            guard contacts.isWatching(receipt.to) else { return }
            try? await session.send(.receipt(receipt), until: .written)
        }
    }

    /// Runs all parts until it is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await session.run() }
            group.addTask { await inbox.run() }
            group.addTask { await outbox.run() }
            group.addTask { await durable.run() }
            group.addTask { await household.run() }
            group.addTask { await dispatcher.run() }
        }
    }

    /// Reads the account's archive after each gap, until it is cancelled (R6).
    func closeGaps() async {
        for await _ in newSessions {
            await archiveEverything()
            await inbox.closeGap { try await session.catchUp(from: $0) }
        }
    }

    /// R6: what is archived can be caught up with. A server without an archive, or with one that can't be told, is no reason to complain.
    private func archiveEverything() async {
        guard let answer = try? await session.request(Archive.preferences), let wish = Archive.archiveAll(given: answer) else { return }
        _ = try? await session.request(wish)
    }

    /// Stops the keyring's agent.
    func close() async {
        await cryptography.engine.close()
    }

    /// Tells the admins something, without waiting for it to arrive.
    func tellAdmins(_ text: String) { admins.tell(text) }

    /// Forgets what the replay cache no longer needs: what is older than any delay may explain, and an hour (R2).
    func forgetOldEntries() async {
        let age = settings.maxAge.components.seconds + 3600
        do {
            try await house.memories.store.forget(before: house.now() - age, account: settings.jid)
            try await house.memories.store.prune(OutboxPruning(now: house.now()))
        } catch {
            logger.warning("old journal entries can't be removed", metadata: ["error": "\(error)"])
        }
    }
}

/// Those who hear of an account's troubles (`admins:`).
struct Admins: Sendable {
    private let addresses: [Address]
    private let outbox: DirectOutbox
    private let logger: Logger

    init(settings: AccountSettings, outbox: DirectOutbox, logger: Logger) {
        addresses = settings.admins
        self.outbox = outbox
        self.logger = logger
    }

    /// Sends each of them a text, without waiting for it to arrive; what fails is in the log only.
    @Sendable func tell(_ text: String) {
        for admin in addresses {
            outbox.post([Element("body", Namespace.client, text: text)], to: admin) { [logger] error in
                logger.warning("an admin could not be told", metadata: ["admin": "\(admin)", "error": "\(error)"])
            }
        }
    }
}
