import Delivery
import Foundation
import Logging
import OX
import OpenPGP
import OxbowTesting
import Synchronization
import Testing
import XML
import XMPP

@testable import Oxbow

/// The inbound road of an account from the session's message to its handlers, with an engine that a test writes down.
struct InboxYard {
    private struct NoSession: Session {
        let account: Address
        func request(_ request: Request, timeout: Duration) async throws -> Element? { throw SessionError(.offline, "no session here") }
        func send(_ stanza: OutboundStanza, until: HandOver) async throws {}
    }
    /// What the session was told about its messages.
    final class Fates: Sendable {
        enum Fate: Sendable { case recorded, processed, lost }
        private let state = Mutex<[Fate]>([])
        var recorded: Int { count(.recorded) }
        var processed: Int { count(.processed) }
        var lost: Int { count(.lost) }
        private func count(_ fate: Fate) -> Int { state.withLock { all in all.filter { $0 == fate }.count } }
        fileprivate func add(_ fate: Fate) { state.withLock { $0.append(fate) } }
    }

    /// The time of day.
    private final class Hand: Sendable {
        private let value: Mutex<Int64>
        init(_ value: Int64) { self.value = Mutex(value) }
        var now: Int64 { value.withLock { $0 } }
        func advance(_ seconds: Int64) { value.withLock { $0 += seconds } }
    }

    let account: Address
    let store: WatchedStore
    let engine: ScriptedEngine
    let clock: ManualClock
    let counters = Counters()
    let mailbox = Mailbox()
    let admins = Told()
    let fates = Fates()
    let dispatcher: Dispatcher
    let inbox: Inbox
    private let time: Hand

    /// The road of a process; with an earlier one's store, clock and engine that of the next.
    init(
        after earlier: InboxYard? = nil,
        birth: Int64 = 0,
        limits: Inbox.Limits = Inbox.Limits(),
        dispatch: DispatchLimits = DispatchLimits(),
        bot: String? = nil,
        handler: @escaping @Sendable (Event, any HandlerContext) async throws -> Void = { try await $1.reply($0.text) }
    ) async throws {
        account = try #require(Address("bot@localhost"))
        store = earlier?.store ?? WatchedStore()
        clock = earlier?.clock ?? ManualClock()
        let time = earlier?.time ?? Hand(Yard.now)
        self.time = time
        let now: @Sendable () -> Int64 = { time.now }
        engine = earlier?.engine ?? ScriptedEngine(account: account)
        let key = try #require(ScriptedEngine.key)
        let pins = MemoryPinStore()
        let pin = Pin(fingerprint: key, standing: .trusted, source: .configuration, firstSeen: 0, announced: true)
        for name in ["alice", "bob", "carol"] {
            await pins.setPeerKeys(
                PeerKeys(pins: [pin], lastRead: Yard.now),
                account: account,
                peer: try #require(Address("\(name)@localhost"))
            )
        }
        let session = NoSession(account: account)
        let directory = KeyDirectory(account: account, engine: engine, session: nil, pins: pins, policy: .tofu, clock: now)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let admins = admins
        dispatcher = Dispatcher(
            account: account,
            bots: [
                try Yard.bot(
                    bot
                        ?? """
                        allow: ["*@localhost"]
                        handlers: [{element: body, swift: test, late: 30d}]
                        """
                )
            ],
            modules: .script(handler),
            surroundings: Dispatcher.Surroundings(
                outgoing: mailbox,
                journal: store,
                tellAdmins: { admins.tell($0) },
                counters: counters,
                logger: logger,
                clock: clock,
                now: now
            ),
            limits: dispatch
        )
        inbox = Inbox(
            reception: Reception(
                account: account,
                openers: Openers(direct: Opener(engine: engine, directory: directory, age: AgeCheck(birth: birth)), gateways: nil),
                store: store,
                refusals: RefusalDesk(session: session, counters: counters),
                counters: counters,
                logger: logger,
                now: now,
                tellAdmins: { admins.tell($0) }
            ),
            dispatcher: dispatcher,
            clock: clock,
            limits: limits,
            receipts: { _ in }
        )
    }

    /// Lets clocks go on.
    func advance(_ seconds: Int64) {
        time.advance(seconds)
        clock.advance(by: .seconds(seconds))
    }

    /// The stanza of a text.
    func stanza(_ text: String, from sender: String) -> Element {
        let sealed = Element("openpgp", Namespace.openPGP, text: Data(ScriptedEngine.ciphertext(text)).base64EncodedString())
        return Element("message", Namespace.client, ["from": sender, "to": account.description, "type": "chat"], [sealed])
    }

    /// A text as the session brings it.
    func arrive(_ text: String, from sender: String = "alice@localhost/phone") async throws {
        let message = try #require(Message(stanza(text, from: sender), account: account))
        let fates = fates
        await inbox.take(
            InboundMessage(
                message,
                recorded: { fates.add(.recorded) },
                lost: { fates.add(.lost) },
                processed: { fates.add(.processed) }
            )
        )
    }

    /// What an earlier process has recorded.
    func recordBefore(_ texts: [(text: String, sender: String)]) async throws {
        let arrivals = texts.map { text, sender in
            JournalArrival(hash: "before \(text)", stanza: stanza(text, from: sender), arrived: Yard.now)
        }
        _ = try await store.record(arrivals, account: account)
    }

    /// Runs the road while the body runs.
    func running(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                await inbox.run()
                return false
            }
            group.addTask {
                await dispatcher.run()
                return false
            }
            group.addTask {
                try await body()
                return true
            }
            while try await group.next() == false {}
            group.cancelAll()
        }
    }
}
