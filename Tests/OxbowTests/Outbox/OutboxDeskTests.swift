import Delivery
import Testing
import XMPP

@testable import Oxbow

@Suite("What operators and web clients ask of outboxes") struct OutboxDeskTests {
    @Test("a message that isn't there is told from a store that can't say so")
    func unknown() async throws {
        let store = WatchedStore()
        let account = try #require(Address("a@example.org"))
        let desk = OutboxDesk(store: store, accounts: [account], now: { 0 }, driver: { _ in nil })
        for action in [OutboxRequest.Action.show, .retry, .drop] {
            let unknown = await #expect(throws: ControlError.self) { try await desk.answer(OutboxRequest(action, message: "m-1")) }
            #expect(unknown?.code == .unknown)
            await store.hide(true)
            let failed = await #expect(throws: ControlError.self) { try await desk.answer(OutboxRequest(action, message: "m-1")) }
            #expect(failed?.code == .failed)
            await store.hide(false)
        }
    }
}
