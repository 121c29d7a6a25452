import Delivery
import Foundation
import Logging
import OX
import OxbowTesting
import Synchronization
import Testing
import XML
import XMPP
import YAMLConfiguration

@testable import Oxbow

/// What other parts of the process may do, whether accounts run or not.
@Suite(.timeLimit(.minutes(2))) struct MailroomTests {
    private struct Silent: Handler {
        func handle(_ event: Event, _ context: any HandlerContext) async throws {}
    }

    /// A process whose accounts can't connect.
    private struct Process {
        let runtime: Runtime
        let store = MemoryStore(birth: 0)
        let account: Address
        let alice: Address

        init(
            connect: @escaping @Sendable (SessionPlan) async throws -> any LiveSession = { _ in throw SessionError(.offline, "no network") }
        )
            throws
        {
            let logins = MemoryLogins()
            account = try #require(Address("bot@localhost"))
            alice = try #require(Address("alice@localhost"))
            let text = """
                state: /tmp/nowhere
                accounts:
                  - {jid: bot@localhost, password: x, max_stanza: 20k}
                """
            let settings = try Settings.read(ConfigurationFile(text: text, path: "/nowhere/config.yaml"), environment: [:])
            runtime = Runtime(
                settings: settings,
                house: House(
                    memories: Memories(store: store, pins: MemoryPinStore(), logins: logins, resumptions: logins),
                    modules: SwiftModules(),
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                    environment: [:],
                    stateFolder: "/tmp/nowhere",
                    connect: connect,
                    now: { 1_700_000_000 }
                )
            )
        }

        func open() async -> [OutboxEntry] { await store.find(OutboxQuery(.states([.accepted]))).entries }

        func running(_ body: () async throws -> Void) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await runtime.run() }
                defer { group.cancelAll() }
                try await body()
            }
        }
    }

    @Test("Letters and notes are taken while the account is starting, and when it has failed")
    func offline() async throws {
        let process = try Process()
        let letter = Letter(to: process.alice, "firing", id: "m1", thread: "t")
        try await process.runtime.accept([letter], notes: [("k", [1])], from: process.account)
        try await process.running {
            while true {
                if case .failed = await process.runtime.accounts[0].state { break }
                await Task.yield()
            }
            try await process.runtime.accept(
                [letter, Letter(to: process.alice, "again", id: "m2")],
                notes: [("k", nil), ("l", [2])],
                from: process.account
            )
        }
        #expect(await process.open().map(\.id) == ["m1", "m2"])
        #expect(try await process.runtime.notes(of: process.account) == ["l": [2]])
        let gauges = await process.runtime.gauges()
        #expect(gauges.contains(Gauge("oxbow_account_connected", ["account": "bot@localhost"], 0)))
        #expect(gauges.contains(Gauge("oxbow_outbox_messages", ["account": "bot@localhost", "state": "accepted"], 2)))
        #expect(gauges.contains(Gauge("oxbow_store_reachable", [:], 1)))
    }

    @Test("An account that isn't in the configuration, and a text that can't be sent, are refused with nothing done")
    func refused() async throws {
        let process = try Process()
        let stranger = try #require(Address("stranger@localhost"))
        let letters = [Letter(to: process.alice, "x", id: "a"), Letter(to: process.alice, "", id: "b")]
        for (letters, account) in [(letters, process.account), ([letters[0]], stranger)] {
            let error = await #expect(throws: ControlError.self) {
                try await process.runtime.accept(letters, notes: [("k", [1])], from: account)
            }
            #expect(error?.code == .usage)
        }
        let event = Element("schedule", "urn:oxbow:schedule:0")
        let error = await #expect(throws: ControlError.self) {
            try await process.runtime.occur(event, handler: "b", id: "1", account: stranger)
        }
        #expect(error?.code == .usage)
        #expect(await process.open().isEmpty)
        #expect(try await process.runtime.notes(of: process.account).isEmpty)
        #expect(await process.runtime.takesCorrections(process.alice, account: process.account) == false)
    }

    @Test("R11: without a connection a long text is split by what the configuration says of the server")
    func long() async throws {
        let process = try Process()
        let text = String(repeating: "line after line\n", count: 2000)
        try await process.runtime.accept([Letter(to: process.alice, text, id: "m", replaces: "m0")], from: process.account)
        let ids = await process.open().map(\.id)
        #expect(ids.count > 1 && ids.prefix(2) == ["m", "m-2"], "\(ids)")
    }

    @Test("A letter behind one that is held is said to be held, too: it has no turn of its own, and somebody else may have to be told")
    func behindHeld() async throws {
        let process = try Process()
        let bob = try #require(Address("bob@localhost"))
        try await process.runtime.accept([Letter(to: process.alice, "first", id: "m1")], from: process.account)
        let first = try #require(await process.open().first)
        let failure = OutboxFailure(.noKey, "none")
        _ = try await process.store.commit([
            .outbox(.waiting(number: first.number, isHeld: true, failure: failure, attempts: 1, until: 1_700_000_060))
        ])
        try await process.runtime.accept(
            [Letter(to: bob, "other", id: "m2"), Letter(to: process.alice, "second", id: "m3")],
            from: process.account
        )
        var outcomes = process.runtime.outcomes.makeAsyncIterator()
        let expected = LetterOutcome(account: process.account, id: "m3", recipient: process.alice, kind: .held(reason: "no-key"))
        #expect(await outcomes.next() == expected)
    }

    @Test("A request with a key can be made again: the same ids, nothing sent twice, another id for each recipient")
    func key() async throws {
        let process = try Process()
        var request = SendRequest(to: ["alice@localhost", "bob@localhost"], text: "hello", timeout: 1, queue: true, key: "job 7")
        let first = try await process.runtime.send(request)
        let again = try await process.runtime.send(request)
        #expect(first == again)
        #expect(first.outcomes.map(\.state) == [.accepted, .accepted])
        #expect(Set(first.outcomes.compactMap(\.id)).count == 2)
        #expect(await process.open().count == 2)
        request.key = "job 8"
        #expect(try await process.runtime.send(request) != first)
        #expect(await process.open().count == 4)
        request.text = "something else"
        #expect(try await process.runtime.send(request) != first)
        #expect(await process.open().count == 6, "another text under the same key isn't dropped in silence")
        for bad in ["", String(repeating: "k", count: 257)] {
            request.key = bad
            let error = await #expect(throws: ControlError.self) { try await process.runtime.send(request) }
            #expect(error?.code == .usage)
        }
        request.key = nil
        #expect(try await process.runtime.send(request) != process.runtime.send(request))
    }

    @Test("What a keyed request's ids follow from is kept with the account, and is another for each: nobody can find a text by its id")
    func seed() async throws {
        let (one, other) = (try Process(), try Process())
        let request = SendRequest(to: ["alice@localhost"], text: "yes", timeout: 1, queue: true, key: "answer")
        let first = try await one.runtime.send(request)
        #expect(try await other.runtime.send(request) != first)
        // Another process on the same store makes the same ids.
        let seeds = RequestSeeds()
        let seed = try await seeds.seed(of: one.account, in: one.store)
        #expect(seed.note == nil)
        #expect(try request.id(for: one.alice, account: one.account, seed: seed.text) == first.outcomes.first?.id)
    }

    @Test("An event of our own is given once, and kept for an account that doesn't run")
    func occur() async throws {
        let process = try Process()
        let event = Element("schedule", "urn:oxbow:schedule:0", ["name": "n"])
        for _ in 0..<2 { try await process.runtime.occur(event, handler: "ops", id: "n 1", account: process.account) }
        let entries = await process.store.unfinished(account: process.account)
        #expect(entries.compactMap { Occasion($0.stanza) } == [Occasion(id: "n 1", bot: "ops", time: 1_700_000_000, element: event)])
    }

    @Test("What another part hears after a reload is the new configuration")
    func reload() async throws {
        let folder = "/tmp/oxm-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/config.yaml"
        func write(_ bells: String) throws {
            try "state: state\naccounts: [{jid: a@localhost, password: x}]\nbells: \(bells)\n".write(
                toFile: path,
                atomically: true,
                encoding: .utf8
            )
        }
        try write("1")
        let key = Key("bells", ValueType<Int>.integer(0...10), default: "1", "How many.")
        let part = SettingsPart([key], read: { (section, _) throws(ConfigurationErrors) in section[key] })
        let logins = MemoryLogins()
        let runtime = Runtime(
            settings: try Settings.load(path: path, environment: [:], parts: [part]),
            house: House(
                memories: Memories(store: MemoryStore(birth: 0), pins: MemoryPinStore(), logins: logins, resumptions: logins),
                modules: SwiftModules(),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                environment: [:],
                stateFolder: folder + "/state",
                connect: { _ in throw SessionError(.offline, "no network") },
                now: { 1 }
            )
        )
        let heard = Mutex<[Int]>([])
        runtime.onSettings { settings in heard.withLock { $0.append(settings.part(Int.self) ?? -1) } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await runtime.run() }
            defer { group.cancelAll() }
            try write("7")
            await runtime.reload()
            #expect(heard.withLock { $0 } == [7])
            try write("many")
            await runtime.reload()
            #expect(heard.withLock { $0 } == [7], "what is wrong changes nothing")
            #expect(try await runtime.status().reload?.error?.contains("bells") == true)
            #expect(runtime.settings.part(Int.self) == 7)
        }
    }
}
