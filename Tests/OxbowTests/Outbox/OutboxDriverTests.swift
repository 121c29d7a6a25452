import Delivery
import Logging
import OX
import OxbowTesting
import Synchronization
import Testing
import XML
import XMPP

@testable import Oxbow

/// The driver over a session that does as it is told: order, and how many are on their way, whatever happens to the line.
@Suite(.timeLimit(.minutes(1))) struct OutboxDriverTests {
    /// A session's end of the line. What is handed over, or refused, is told in order.
    private final class Line: Session {
        private struct State {
            var number: UInt64 = 1
            var isUp = true
            var outcomes: [String: @Sendable (Result<Void, any Error>) -> Void] = [:]
        }
        let account: Address
        private let state = Mutex(State())
        let told: AsyncStream<String>
        private let tell: AsyncStream<String>.Continuation

        init(account: Address) {
            self.account = account
            (told, tell) = AsyncStream.makeStream()
        }

        var sessionNumber: UInt64 { state.withLock(\.number) }

        /// The line is down, or up with the same session or a new one.
        func set(up isUp: Bool, isNew: Bool = false) {
            state.withLock { state in
                state.isUp = isUp
                if isNew { state.number += 1 }
            }
        }

        func acknowledge(_ ids: String...) {
            for id in ids { take(id)?(.success(())) }
        }

        func fail(_ id: String, _ code: SessionError.Code = .offline) {
            take(id)?(.failure(SessionError(code, "as told")))
        }

        private func take(_ id: String) -> (@Sendable (Result<Void, any Error>) -> Void)? {
            state.withLock { $0.outcomes.removeValue(forKey: id) }
        }

        func handOver(
            _ stanza: OutboundStanza,
            in number: UInt64,
            outcome: @escaping @Sendable (Result<Void, any Error>) -> Void
        ) async throws {
            guard case .sealed(let message) = stanza else { return }
            let isTaken = state.withLock { state in
                guard state.isUp, state.number == number else { return false }
                state.outcomes[message.id] = outcome
                return true
            }
            tell.yield(isTaken ? message.id : "\(message.id) refused")
            if !isTaken { throw SessionError(.offline, "as told") }
        }

        func request(_ request: Request, timeout: Duration) async throws -> Element? { throw SessionError(.offline, "no requests here") }
        func send(_ stanza: OutboundStanza, until: HandOver) async throws { throw SessionError(.offline, "not here") }
    }

    /// Seals without a key; the first seals can be made to fail.
    private final class Wax: MessageSealing {
        let failures = Mutex<[SealError]>([])

        func seal(_ payload: [Element], to recipient: Address, id: String, requestsReceipt: Bool) async throws -> SealedMessage {
            let failure = failures.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            if let failure { throw failure }
            return SealedMessage(id: id, to: recipient, envelope: .openPGP(base64: "AAAA"), requestsReceipt: requestsReceipt)
        }
    }

    private final class Time: Sendable {
        let value = Mutex<Int64>(1000)
        var now: Int64 { value.withLock(\.self) }
    }

    private struct Scene {
        let line: Line
        let outbox: Outbox
        let store: MemoryStore
        let wax: Wax
        let clock: ManualClock
        let time: Time
        let counters: Counters
        let log: Lines
        var told: AsyncStream<String>.Iterator

        /// Accepts messages `m1`, `m2` … for one recipient.
        func accept(_ numbers: ClosedRange<Int>) async throws {
            let juliet = try #require(Address("juliet@localhost"))
            for number in numbers { try await outbox.accept(.message("\(number)"), to: juliet, id: "m\(number)") }
        }

        /// Waits until so many are sent.
        func sent(_ count: Int) async {
            while await store.summary(account: line.account, before: 0).counts[.sent] != count { await Task.yield() }
        }

        /// What the line was given next.
        mutating func next(_ count: Int) async -> [String] {
            var items: [String] = []
            while items.count < count, let item = await told.next(isolation: #isolation) { items.append(item) }
            return items
        }
    }
}

extension OutboxDriverTests {
    @Test("Many of one recipient are on their way at once, in the order of acceptance; none waits for the acknowledgement of another")
    func pipeline() async throws {
        try await run { scene in
            try await scene.accept(1...100)
            #expect(await scene.next(100) == (1...100).map { "m\($0)" })
            scene.line.acknowledge("m1", "m2")
            await scene.sent(2)
        }
    }

    @Test("R10: what a cut has kept from being handed over goes first when the session goes on, and nothing overtakes it")
    func resumed() async throws {
        try await run { scene in
            try await scene.accept(1...2)
            #expect(await scene.next(2) == ["m1", "m2"])
            // Cut; the driver hasn't heard of it.
            scene.line.set(up: false)
            try await scene.accept(3...5)
            #expect(await scene.next(1) == ["m3 refused"])
            await scene.clock.sleepers(2)
            await scene.outbox.driver.disconnected(.lost)
            scene.clock.advance(by: .seconds(1))
            scene.line.set(up: true)
            await scene.outbox.driver.connected(resumed: true, limit: nil)
            #expect(await scene.next(3) == ["m3", "m4", "m5"], "m1 and m2 are the session's business")
            scene.line.acknowledge("m1", "m2", "m3", "m4", "m5")
            await scene.sent(5)
        }
    }

    @Test("R10: with a new session all that is unacknowledged goes again, in its order, before anything else")
    func lost() async throws {
        try await run { scene in
            try await scene.accept(1...3)
            #expect(await scene.next(3) == ["m1", "m2", "m3"])
            scene.line.acknowledge("m1")
            await scene.sent(1)
            // The session is another one, and the driver hasn't heard of it.
            scene.line.set(up: true, isNew: true)
            try await scene.accept(4...4)
            #expect(await scene.next(1) == ["m4 refused"])
            await scene.clock.sleepers(2)
            await scene.outbox.driver.disconnected(.lost)
            await scene.outbox.driver.connected(resumed: false, limit: nil)
            scene.clock.advance(by: .seconds(1))
            #expect(await scene.next(3) == ["m2", "m3", "m4"])
        }
    }

    @Test("R10: a resumed session that has lost something is as good as a new one")
    func gap() async throws {
        try await run { scene in
            try await scene.accept(1...3)
            #expect(await scene.next(3) == ["m1", "m2", "m3"])
            await scene.outbox.driver.disconnected(.lost)
            scene.line.fail("m2")
            await scene.outbox.driver.connected(resumed: true, limit: nil)
            #expect(await scene.next(3) == ["m1", "m2", "m3"])
        }
    }

    @Test("R9: what has waited at the line for too long is sealed anew, with its place and its id")
    func old() async throws {
        try await run { scene in
            scene.line.set(up: false)
            try await scene.accept(1...2)
            #expect(await scene.next(1) == ["m1 refused"])
            await scene.clock.sleepers(2)
            await scene.outbox.driver.disconnected(.lost)
            scene.clock.advance(by: .seconds(1))
            scene.time.value.withLock { $0 += 400 }
            scene.line.set(up: true)
            await scene.outbox.driver.connected(resumed: true, limit: nil)
            #expect(await scene.next(2) == ["m1", "m2"])
            #expect(await scene.store.find(OutboxQuery(.id("m1"))).entries.first?.sealedTime == 1400)
        }
    }

    @Test("What could not be sealed because the line was cut goes as soon as it is back, and has no attempt on its account")
    func interrupted() async throws {
        try await run { scene in
            scene.wax.failures.withLock { $0 = [SealError(.interrupted, "cut")] }
            try await scene.accept(1...2)
            // Sleeping are the minute's tick and the timer of the pause.
            await scene.clock.sleepers(2)
            await scene.outbox.driver.disconnected(.lost)
            await scene.outbox.driver.connected(resumed: true, limit: nil)
            #expect(await scene.next(2) == ["m1", "m2"])
            #expect(await scene.store.find(OutboxQuery(.id("m1"))).entries.first?.attempts == 0)
        }
    }

    @Test("What is accepted, handed over and acknowledged is counted, and logged by its id without its text")
    func counted() async throws {
        try await run { scene in
            let juliet = try #require(Address("juliet@localhost"))
            try await scene.outbox.accept(.message("wherefore art thou"), to: juliet, id: "m1")
            #expect(await scene.next(1) == ["m1"])
            scene.line.acknowledge("m1")
            await scene.sent(1)
            let labels = ["account": "bot@localhost"]
            for name in ["oxbow_accepted_total", "oxbow_sent_total"] { #expect(scene.counters.value(name, labels) == 1, "\(name)") }
            while scene.counters.value("oxbow_handed_total", labels) < 1 { await Task.yield() }
            #expect(scene.log.all.contains("debug message accepted message=m1 to=juliet@localhost"))
            #expect(scene.log.all.contains("info message sent message=m1 to=juliet@localhost"))
            #expect(!scene.log.all.contains { $0.contains("wherefore") })
        }
    }

    private func run(_ body: (inout Scene) async throws -> Void) async throws {
        let account = try #require(Address("bot@localhost"))
        let line = Line(account: account)
        let store = MemoryStore(birth: 0)
        let clock = ManualClock()
        let wax = Wax()
        let time = Time()
        let counters = Counters()
        let log = Lines()
        let outbox = Outbox(
            OutboxDriver.Surroundings(
                account: account,
                store: store,
                sealer: wax,
                session: line,
                counters: counters,
                logger: Logger(label: "test") { _ in LineLog(log) },
                clock: clock,
                now: { time.now },
                alarm: { _ in }
            )
        )
        let running = Task { await outbox.run() }
        await clock.sleepers(1)
        await outbox.driver.connected(resumed: false, limit: nil)
        var scene = Scene(
            line: line,
            outbox: outbox,
            store: store,
            wax: wax,
            clock: clock,
            time: time,
            counters: counters,
            log: log,
            told: line.told.makeAsyncIterator()
        )
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(&scene))
        } catch {
            result = .failure(error)
        }
        running.cancel()
        await running.value
        try result.get()
    }
}
