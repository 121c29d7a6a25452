import Delivery
import GRE
import Logging
import OX
import OxbowTesting
import Synchronization
import Testing
import XML
import XMPP

@testable import Oxbow

/// What only the operator can mend waits for the operator, and then goes at once.
struct GatewayHoldTests {
    /// Seals, or says why it doesn't.
    private final class Seals: MessageSealing {
        private let problem = Mutex<SealError?>(nil)

        func refuse(_ error: SealError?) { problem.withLock { $0 = error } }

        func seal(_ payload: [Element], to recipient: Address, id: String, requestsReceipt: Bool) async throws -> SealedMessage {
            if let problem = problem.withLock(\.self) { throw problem }
            let envelope = GatewayEnvelope(formatter: "f", encrypter: "e", ciphertext: GatewayCiphertext(encryptedBytes: [0]))
            return SealedMessage(id: id, to: recipient, envelope: .gateway(envelope), requestsReceipt: requestsReceipt)
        }
    }

    private let store = MemoryStore(birth: 0)
    private let counters = Counters()

    /// Runs an outbox that is online.
    private func running(_ seals: Seals, _ body: (Outbox) async throws -> Void) async throws {
        let account = try address("bot@example.net")
        let session = await Loopback().session(for: account)
        let outbox = Outbox(
            OutboxDriver.Surroundings(
                account: account,
                store: store,
                sealer: seals,
                session: session,
                counters: counters,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                clock: ContinuousClock(),
                now: { 1_700_000_000 },
                alarm: { _ in }
            )
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await outbox.run() }
            defer { group.cancelAll() }
            await outbox.driver.connected(resumed: false, limit: nil)
            try await body(outbox)
        }
    }

    private func address(_ text: String) throws -> Address { try #require(Address(text)) }

    /// Waits until a message is in a state.
    private func entry(_ number: Int64, in state: OutboxEntry.State) async -> OutboxEntry {
        while true {
            if let entry = await store.find(OutboxQuery(.number(number))).entries.first, entry.state == state { return entry }
            await Task.yield()
        }
    }

    @Test(
        "S19: held with the reason in words, and sent once the gateway is accepted; others go on meanwhile",
        arguments: [SealError.Code.policyChanged, .senderChanged, .noGatewayData, .notAGateway, .unsupportedKinds]
    )
    func hold(_ code: SealError.Code) async throws {
        let seals = Seals()
        seals.refuse(SealError(code, "the gateway says so no more"))
        try await running(seals) { outbox in
            let carol = try address("carol\\40example.org@email.example.net")
            let dave = try address("dave\\40example.org@other.example.net")
            let body = [Element("body", Namespace.client, text: "hello")]
            let first = try await outbox.accept(body, to: carol).number
            let held = await entry(first, in: .held)
            #expect(held.failure == OutboxFailure(.needsOperator, "the gateway says so no more"))
            #expect(OutboxReport.Item(held).words == "the gateway says so no more")
            let other = try await outbox.accept(body, to: dave).number
            _ = await entry(other, in: .held)
            #expect(counters.total("oxbow_send_failures_total", where: ["reason": code.description]) == 2)

            seals.refuse(nil)
            await outbox.hasten(behind: try address("email.example.net"))
            _ = await entry(first, in: .sent)
            #expect(await store.find(OutboxQuery(.number(other))).entries.first?.state == .held, "another gateway's wait for their own")
        }
    }

    @Test("without a daemon, what is accepted goes when the next one starts")
    func later() async throws {
        let seals = Seals()
        seals.refuse(SealError(.policyChanged, "the gateway says so no more"))
        let carol = try address("carol\\40example.org@email.example.net")
        let number = Mutex<Int64>(0)
        try await running(seals) { outbox in
            let accepted = try await outbox.accept([Element("body", Namespace.client, text: "hello")], to: carol).number
            number.withLock { $0 = accepted }
            _ = await entry(accepted, in: .held)
        }
        try await store.hasten(account: try address("bot@example.net"), behind: try address("email.example.net"))
        seals.refuse(nil)
        try await running(seals) { _ in _ = await entry(number.withLock(\.self), in: .sent) }
    }
}
