import Delivery
import Logging
import OX
import OpenPGP
import OxbowTesting
import Testing
import XML
import XMPP
import YAMLConfiguration

@testable import Oxbow

/// An account with bots from YAML text, a journal in memory and a mailbox: what the tests of dispatch and programs stand on.
struct Yard {
    /// The time of day in the yard; messages are written now, unless a test says otherwise.
    static let now: Int64 = 1_700_000_000

    let account: Address
    let dispatcher: Dispatcher
    let mailbox = Mailbox()
    let journal: WatchedJournal
    let counters = Counters()
    let admins = Told()

    init(
        _ bots: [String],
        account: String = "bot@localhost",
        modules: SwiftModules = SwiftModules(),
        clock: any Clock<Duration> = ContinuousClock(),
        limits: DispatchLimits = DispatchLimits(),
        folder: String = "/nowhere",
        stateFolder: String? = nil,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) throws {
        let definitions = try bots.enumerated().map { index, text in
            try Yard.bot(text, name: "bot\(index)", folder: folder)
        }
        let address = try #require(Address(account))
        self.account = address
        let journal = WatchedJournal()
        self.journal = journal
        let admins = admins
        dispatcher = Dispatcher(
            account: address,
            bots: definitions,
            modules: modules,
            surroundings: Dispatcher.Surroundings(
                outgoing: mailbox,
                journal: journal,
                tellAdmins: { admins.tell($0) },
                counters: counters,
                logger: logger,
                clock: clock,
                now: { Yard.now },
                stateFolder: stateFolder
            ),
            limits: limits
        )
    }

    static func bot(_ text: String, name: String = "bot", folder: String = "/nowhere") throws -> BotDefinition {
        try BotFile.read(ConfigurationFile(text: text, path: folder + "/bot.yaml"), name: name, environment: ["HOME": "/root"])
    }

    /// Records a message in the journal and dispatches it.
    @discardableResult
    func receive(
        _ text: String,
        from sender: String = "alice@localhost/phone",
        trust: Pin.Source = .firstSight,
        attempts: Int = 0,
        age: Int64 = 0
    ) async throws -> Int64 {
        try await receive([Element("body", Namespace.client, text: text)], from: sender, trust: trust, attempts: attempts, age: age)
    }

    @discardableResult
    func receive(
        _ payload: [Element],
        from sender: String = "alice@localhost/phone",
        trust: Pin.Source = .firstSight,
        attempts: Int = 0,
        age: Int64 = 0
    ) async throws -> Int64 {
        let number = try await journal.add(payload, from: sender, account: account)
        let message = try Yard.message(payload, from: sender, account: account, trust: trust, age: age)
        dispatcher.dispatch(message, journalNumber: number, attempts: attempts)
        return number
    }

    static func message(
        _ payload: [Element],
        from sender: String,
        account: Address,
        trust: Pin.Source,
        age: Int64 = 0
    ) throws -> OpenedMessage {
        OpenedMessage(
            account: account,
            sender: try #require(Address(sender)),
            signer: try #require(Fingerprint("0123456789ABCDEF0123456789ABCDEF01234567")),
            source: trust,
            time: now - age,
            payload: payload,
            hash: "hash",
            contentHash: "content",
            id: "stanza-1",
            originID: "stanza-1",
            thread: "thread-1"
        )
    }

    /// Runs the account while the body runs, then shuts it down.
    func running(grace: Duration = .zero, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await dispatcher.run() }
            do {
                try await body()
            } catch {
                group.cancelAll()
                throw error
            }
            await dispatcher.shutdown(grace: grace)
        }
    }
}
