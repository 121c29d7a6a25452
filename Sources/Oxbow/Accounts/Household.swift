import Logging
import OX
import Synchronization
import XML
import XMPP

/// What an account does besides messages: its presence, its roster, its own announcement, and what PEP tells it of others' keys.
///
/// It is told of things in the order in which the session tells them, and does the slow part of them in a queue of its own, since that
/// waits for answers which come down the same stream.
final class Household: Sendable {
    private enum Chore: Hashable, Sendable {
        case login
        case keys(Address)
        case postponed
        case gateway(Address)
        case features
    }
    private let account: Address
    private let session: any Session
    private let announcer: Announcer
    private let directory: KeyDirectory
    private let contacts: Contacts
    private let clerk: GatewayClerk
    /// Hears of a gateway that the account is registered with now.
    private let registered: @Sendable (Address) async -> Void
    private let logger: Logger
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Int64
    private let chores = KeyedQueue<Chore>()
    private let features = ContactFeatures()
    /// The gateways that are being registered with.
    private let registering = Mutex<Set<Address>>([])

    init(
        account: Address,
        session: any Session,
        announcer: Announcer,
        directory: KeyDirectory,
        contacts: Contacts,
        clerk: GatewayClerk,
        registered: @escaping @Sendable (Address) async -> Void,
        clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Int64,
        logger: Logger
    ) {
        self.account = account
        self.session = session
        self.announcer = announcer
        self.directory = directory
        self.contacts = contacts
        self.clerk = clerk
        self.registered = registered
        self.clock = clock
        self.now = now
        self.logger = logger
    }

    /// Does the chores until it is cancelled.
    func run() async {
        await chores.run()
    }

    /// The session is online: a new one needs presence and roster, and each is a chance to see that our key is announced.
    func isOnline(resumed: Bool) {
        if !resumed {
            features.forgetClients()
            chores.enqueue(.login) { await self.settleIn() }
        }
        // An answer that was awaited when the line was cut never comes, also if the session goes on.
        for gateway in resumed ? clerk.interrupted : clerk.gateways where registering.withLock({ $0.insert(gateway).inserted }) {
            chores.enqueue(.gateway(gateway)) {
                await self.clerk.register(at: gateway)
                if self.clerk.standing(with: gateway) == .registered { await self.registered(gateway) }
                self.registering.withLock { _ = $0.remove(gateway) }
            }
        }
    }

    /// Whether one of a contact's clients announces corrections (XEP-0308). Those that are not known are asked, for the next time.
    func takesCorrections(_ contact: Address) -> Bool {
        let (answer, unknown) = features.has(Namespace.correction, contact)
        for (client, kind) in unknown {
            chores.enqueue(.features) {
                let answer = try? await self.session.request(.info(of: client, kind))
                self.features.learn(answer.flatMap(\.self).flatMap(DiscoInfo.init), of: kind)
            }
        }
        return answer
    }

    /// Presence of somebody: what clients they have; and requests to see ours, which are answered.
    func take(_ presence: InboundPresence) {
        if contacts.isKnown(presence.from) { features.take(presence) }
        guard presence.kind == .subscribe else { return }
        let answers = contacts.asked(by: presence.from)
        guard !answers.isEmpty else { return }
        chores.enqueue(.login) { await self.send(answers) }
    }

    /// Takes a message that is a notification of PEP. Returns `false` if it is something else.
    ///
    /// When it returns, what is known of a changed list counts as out of date: messages behind the notice aren't judged by it.
    func take(_ message: Message) async -> Bool {
        guard let notification = KeyNotification(message, account: account) else { return message.isEvent }
        if notification.isOwn {
            chores.enqueue(.login) { await self.reannounce() }
        } else if contacts.isKnown(notification.owner) {
            let owner = notification.owner
            guard await directory.noticed(notification) else { return true }
            chores.enqueue(.keys(owner)) { await self.directory.refresh(owner) }
        }
        return true
    }

    private func settleIn() async {
        await send([.available])
        do {
            let roster = Roster(answer: try await session.request(Roster.request))
            await send(contacts.loaded(roster))
        } catch {
            logger.warning("the roster can't be read", metadata: ["error": "\(error)"])
        }
        await announce()
    }

    private func announce() async {
        await report { () async throws(AnnounceError) in try await self.announcer.announce() }
    }

    /// Our own list has changed: perhaps another client has taken our key off it (P10).
    private func reannounce() async {
        await report { () async throws(AnnounceError) in try await self.announcer.notified() }
    }

    private func report(_ body: () async throws(AnnounceError) -> Announcement) async {
        do {
            let report = try await body()
            for warning in report.warnings { logger.warning("\(warning)") }
            if report.publishedKey || report.publishedList {
                logger.notice("key announced", metadata: ["fingerprint": "\(report.fingerprint)"])
            }
            if let time = report.postponed { postpone(until: time) }
        } catch {
            logger.warning("the account's key can't be announced; people can't write to it before it is", metadata: ["error": "\(error)"])
        }
    }

    /// Announces again at a time, unless the account stops first.
    private func postpone(until time: Int64) {
        chores.enqueue(.postponed) {
            try? await self.clock.sleep(for: .seconds(max(1, time - self.now())))
            guard !Task.isCancelled else { return }
            self.chores.enqueue(.login) { await self.announce() }
        }
    }

    private func send(_ kinds: [Presence.Kind]) async {
        for kind in kinds {
            // A stream that is gone is no concern of ours: after the next login all of this is asked again.
            try? await session.send(.presence(Presence(kind)), until: .written)
        }
    }
}

extension Message {
    /// Whether this is an event of some PEP node, ours to read or not (XEP-0060 § 7.1).
    fileprivate var isEvent: Bool { element.first("event", Namespace.pubsubEvent) != nil }
}

extension Request {
    /// Asks a client what its kind can do (XEP-0115 § 6.2).
    fileprivate static func info(of client: Address, _ kind: Capabilities) -> Request {
        DiscoInfo.request(to: client, node: "\(kind.node)#\(kind.version)")
    }
}
