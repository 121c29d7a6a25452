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

/// The way out when the line is cut: R9 and R14, with a real keyring and a session that fails as it is told.
@Suite(.serialized)
struct DirectOutboxTests {
    /// A session whose first sends are cut off.
    private final class CutSession: Session {
        let account: Address
        private let state: Mutex<(failures: Int, sent: [SealedMessage])>

        init(account: Address, failures: Int) {
            self.account = account
            state = Mutex((failures, []))
        }

        var sent: [SealedMessage] { state.withLock(\.sent) }

        func request(_ request: Request, timeout: Duration) async throws -> Element? { throw SessionError(.offline, "no requests here") }

        func send(_ stanza: OutboundStanza, until: HandOver) async throws {
            guard case .sealed(let message) = stanza else { return }
            try state.withLock { state in
                state.sent.append(message)
                guard state.failures > 0 else { return }
                state.failures -= 1
                throw SessionError(.offline, "cut")
            }
        }
    }

    @Test("R9: after a cut the same bytes go out again while they are young, and are sealed anew under the same id when they are not")
    func again() async throws {
        try await run(failures: 3) { outbox, session, clock, time in
            let account = session.account
            async let sending: Void = outbox.send([Element("body", Namespace.client, text: "x")], to: account, within: .seconds(3600))
            // Sleeping are the time limit, and the pause after each cut.
            await clock.sleepers(2)
            time.value.withLock { $0 += 10 }
            clock.advance(by: .seconds(1))
            await clock.sleepers(2)
            time.value.withLock { $0 += 600 }
            clock.advance(by: .seconds(1))
            await clock.sleepers(2)
            clock.advance(by: .seconds(1))
            try await sending
            let sent = session.sent
            #expect(sent.count == 4)
            #expect(Set(sent.map(\.id)).count == 1)
            #expect(sent[0] == sent[1], "young bytes go out unchanged")
            #expect(sent[1].envelope != sent[2].envelope, "old ones are sealed anew")
            #expect(sent[2] == sent[3])
        }
    }

    @Test("R14: what was handed over when the time is over is 'unknown'; what never left is 'not sent'")
    func timeIsOver() async throws {
        try await run(failures: 1000) { outbox, session, clock, _ in
            let account = session.account
            async let outcomes = Sending(outbox: outbox).send(.message("x"), to: [account], within: .seconds(5))
            await clock.sleepers(2)
            clock.advance(by: .seconds(10))
            #expect(await outcomes.map(\.state) == [.unknown])
        }
        try await run(failures: 0, isOnline: false) { outbox, session, clock, _ in
            let account = session.account
            async let outcomes = Sending(outbox: outbox).send(.message("x"), to: [account], within: .seconds(5))
            await clock.sleepers(2)
            clock.advance(by: .seconds(10))
            #expect(await outcomes.map(\.state) == [.notSent])
            #expect(session.sent.isEmpty)
        }
    }

    /// An account that writes to itself: its own key is all that is needed.
    private func run(
        failures: Int,
        isOnline: Bool = true,
        _ body: (DirectOutbox, CutSession, ManualClock, Time) async throws -> Void
    ) async throws {
        let home = "/tmp/oxo-" + UUID().uuidString.prefix(8)
        defer { try? FileManager.default.removeItem(atPath: home) }
        let account = try #require(Address("bot@localhost"))
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let engine = try await GPGMEEngine(home: home, logger: logger)
        let pins = MemoryPinStore()
        try await pins.setOwnKey(engine.generateKey(userID: "xmpp:\(account)"), account: account)
        let time = Time()
        let clock = ManualClock()
        let session = CutSession(account: account, failures: failures)
        let directory = KeyDirectory(account: account, engine: engine, session: nil, pins: pins, policy: .tofu, clock: { time.now })
        let logins = MemoryLogins()
        let house = House(
            memories: Memories(store: MemoryStore(birth: 0), pins: pins, logins: logins, resumptions: logins),
            modules: SwiftModules(),
            logger: logger,
            environment: [:],
            stateFolder: "/nowhere",
            clock: clock,
            now: { time.now }
        )
        let gate = OnlineGate()
        if isOnline { gate.open() }
        let outbox = DirectOutbox(
            sealer: Sealer(engine: engine, directory: directory, clock: { time.now }),
            session: session,
            online: gate,
            house: house
        )
        let running = Task { await outbox.run() }
        do {
            try await body(outbox, session, clock, time)
        } catch {
            running.cancel()
            await engine.close()
            throw error
        }
        running.cancel()
        await running.value
        await engine.close()
    }

    private final class Time: Sendable {
        let value = Mutex<Int64>(1_800_000_000)
        var now: Int64 { value.withLock(\.self) }
    }
}
