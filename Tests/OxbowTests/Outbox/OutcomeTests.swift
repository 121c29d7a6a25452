import Delivery
import Logging
import OX
import OxbowTesting
import Synchronization
import Testing
import XML
import XMPP

@testable import Oxbow

/// What becomes of letters that needs somebody: given up, or held for the operator.
@Suite(.timeLimit(.minutes(1))) struct OutcomeTests {
    /// Seals as it is told.
    private final class Seals: MessageSealing {
        let problem = Mutex<SealError?>(nil)

        func seal(_ payload: [Element], to recipient: Address, id: String, requestsReceipt: Bool) async throws -> SealedMessage {
            if let problem = problem.withLock(\.self) { throw problem }
            return SealedMessage(id: id, to: recipient, envelope: .openPGP(base64: "AAAA"), requestsReceipt: requestsReceipt)
        }
    }

    @Test("Held once, whoever tries again; dead with the reason as a word; sent is no outcome, but an event that people may see")
    func outcomes() async throws {
        let (outcomes, outcome) = AsyncStream<LetterOutcome>.makeStream(bufferingPolicy: .bufferingNewest(10))
        var heard = outcomes.makeAsyncIterator()
        let store = MemoryStore(birth: 0)
        let seals = Seals()
        let recent = RecentEvents()
        let account = try #require(Address("bot@localhost"))
        let alice = try #require(Address("alice@localhost"))
        let outbox = Outbox(
            OutboxDriver.Surroundings(
                account: account,
                store: store,
                sealer: seals,
                session: await Loopback().session(for: account),
                counters: Counters(),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                clock: ContinuousClock(),
                now: { 1000 },
                alarm: { _ in },
                outcome: { outcome.yield($0) },
                recent: recent
            )
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await outbox.run() }
            defer { group.cancelAll() }
            await outbox.driver.connected(resumed: false, limit: nil)

            seals.problem.withLock { $0 = SealError(.noUsableKey, "alice has no key") }
            let number = try await outbox.accept(.message("1"), to: alice, id: "m1").number
            #expect(
                await heard.next(isolation: #isolation)
                    == LetterOutcome(account: account, id: "m1", recipient: alice, kind: .held(reason: "no-key"))
            )
            // Tried again, and held again: nobody hears of it twice.
            outbox.driver.post(.hasten(alice))
            while await store.find(OutboxQuery(.number(number))).entries.first?.attempts != 2 { await Task.yield() }

            try await outbox.accept(.message("2"), to: alice, id: "m2", expires: 999)
            #expect(
                await heard.next(isolation: #isolation)
                    == LetterOutcome(account: account, id: "m2", recipient: alice, kind: .dead(reason: "expired"))
            )
            seals.problem.withLock { $0 = nil }
            outbox.driver.post(.hasten(alice))
            while recent.all.first?.what != .sent { await Task.yield() }
        }
        #expect(recent.all.map(\.what) == [.sent, .dead])
        #expect(recent.all.map(\.message) == ["m1", "m2"])
        #expect(recent.all.map(\.peer) == [alice, alice])
    }
}
