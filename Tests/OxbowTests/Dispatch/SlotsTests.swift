import Testing

@testable import Oxbow

@Suite struct SlotsTests {
    @Test("Who is cancelled while waiting gives up the place; the slots are all there afterwards")
    func cancellation() async throws {
        let slots = Slots(1)
        let (held, release) = (Gate(), Gate())
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await slots.withSlot {
                    held.open()
                    await release.wait()
                    return true
                }
            }
            await held.wait()
            let waiting = Task { try await slots.withSlot { true } }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            release.open()
            let first = try await group.next()
            #expect(first == true)
        }
        #expect(try await slots.withSlot { 7 } == 7)
    }

    @Test("A gate that is open lets everybody through, and a cancelled wait returns")
    func gate() async {
        let gate = Gate()
        let waiting = Task { await gate.wait() }
        waiting.cancel()
        await waiting.value
        #expect(!gate.isOpen)
        gate.open()
        await gate.wait()
        #expect(gate.isOpen)
    }
}
