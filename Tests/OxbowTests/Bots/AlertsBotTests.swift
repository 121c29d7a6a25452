import Alerting
import OX
import OpenPGP
import Oxbow
import Synchronization
import Testing
import XML
import XMPP
import YAMLConfiguration

@testable import AlertsBot

@Suite struct AlertsBotTests {
    private static let yaml = """
        people: {ada: ada@example.org}
        alerts: {account: alerts@example.org, allow: [ada], routes: {ops: {source: json, to: [ada]}}}
        """

    @Test("A command goes to the desk, whose answer is a message of its own; the same again does nothing") func commands() async throws {
        let store = Store()
        try await running(store) { desk in
            let bot = AlertsBot(desk: desk)
            try await bot.handle(try event("list"), Nothing())
            try await bot.handle(try event("list"), Nothing())
            try await bot.handle(try event("list", message: "m2"), Nothing())
            try await bot.handle(try event("nonsense", message: "m3"), Nothing())
        }
        let texts = store.texts.withLock { $0 }
        #expect(texts.count == 3 && texts.prefix(2).allSatisfy { $0 == "Nothing is open." }, "\(texts)")
        #expect(texts.last?.contains("\"help\"") == true)
    }

    @Test("Programs and unsigned mail give no commands") func silent() async throws {
        let store = Store()
        try await running(store) { desk in
            var unsigned = try event("list")
            unsigned.authorship = .unverified
            try await AlertsBot(desk: desk).handle(unsigned, Nothing())
        }
        #expect(store.texts.withLock { $0 }.isEmpty)
    }

    @Test("A store that fails is asked again, and in the end the sender hears of it") func failing() async throws {
        let store = Store()
        let pauses = Mutex<[Int]>([])
        try await running(store) { desk in
            let bot = AlertsBot(desk: desk) { attempt in pauses.withLock { $0.append(attempt) } }
            store.failures.withLock { $0 = 2 }
            try await bot.handle(try event("list"), Nothing())
            #expect(store.texts.withLock { $0 } == ["Nothing is open."])
            store.failures.withLock { $0 = .max }
            await #expect(throws: HookError.self) { try await bot.handle(try event("list", message: "m2"), Nothing()) }
        }
        #expect(pauses.withLock { $0 }.suffix(4) == [1, 2, 3, 4])
    }

    // MARK: Surroundings

    private func event(_ text: String, message: String = "m1") throws -> Event {
        let signer = try #require(Fingerprint(String(repeating: "0123456789", count: 4)))
        return Event(
            id: "1",
            account: try #require(Address("alerts@example.org")),
            sender: try #require(Address("ada@example.org/phone")),
            authorship: .verified(signer: signer, source: .configuration),
            element: Element("body", Namespace.client, text: text),
            thread: nil,
            messageID: message,
            time: 1_795_284_840
        )
    }

    private func running(_ store: Store, _ body: (AlertDesk) async throws -> Void) async throws {
        let desk = AlertDesk(carrier: store, book: store, isOnline: { _ in true })
        let settings = try AlertingSettings(
            ConfigurationFile(text: Self.yaml, path: "config.yaml").read(AlertingSettings.schema, environment: [:])
        )
        await desk.configure(try DeskConfiguration(settings))
        let task = Task { await desk.run() }
        defer { task.cancel() }
        try await body(desk)
    }

    /// Takes everything, unless it is to fail.
    private final class Store: AlertCarrier, AlertBook {
        struct Failure: Error {}
        let texts = Mutex<[String]>([])
        let failures = Mutex(0)

        func accept(_ postings: [Posting], _ changes: [AlertChange], from account: Address) async throws {
            let fails = failures.withLock { failures in
                guard failures > 0 else { return false }
                if failures < .max { failures -= 1 }
                return true
            }
            if fails { throw Failure() }
            texts.withLock { $0 += postings.map(\.text) }
        }
        func correctable(among contacts: Set<Contact>, of account: Address) async -> Set<Contact> { [] }
        func occur(schedule: String, handler: String, at: Int64, id: String, account: Address) async throws {}
        func alertRecords(of account: Address) async throws -> [AlertRecord] { [] }
    }

    /// The handler itself says nothing.
    private struct Nothing: HandlerContext {
        struct Said: Error {}
        func reply(_ text: String) async throws { throw Said() }
        func reply(_ payload: [Element]) async throws { throw Said() }
        func send(_ text: String, to: Address) async throws { throw Said() }
        func send(_ payload: [Element], to: Address, thread: String?) async throws { throw Said() }
        func commands() async -> [CommandDescription] { [] }
    }
}
