import Synchronization
import Testing

@testable import Oxbow

/// Order within a key, independence between keys, and an answer for everybody when it ends.
struct KeyedQueueTests {
    @Test("operations of a key run in their order, one at a time")
    func order() async throws {
        let queue = KeyedQueue<String>()
        let log = Mutex<[Int]>([])
        try await running(queue) {
            for number in 0..<100 { queue.enqueue("a") { log.withLock { $0.append(number) } } }
            try await queue.perform("a") {}
        }
        #expect(log.withLock(\.self) == Array(0..<100))
    }

    @Test("a key that is held up holds up no other")
    func independence() async throws {
        let queue = KeyedQueue<String>()
        let gate = OnlineGate()
        let clock = ContinuousClock()
        try await running(queue) {
            queue.enqueue("slow") { _ = await gate.pass(within: .seconds(60), clock: clock) }
            // Would wait for the slow one for ever if they shared a queue.
            try await queue.perform("quick") { gate.open() }
            try await queue.perform("slow") {}
        }
    }

    @Test("what an operation throws comes back to who waits for it")
    func errors() async throws {
        struct Oops: Error {}
        let queue = KeyedQueue<String>()
        try await running(queue) {
            await #expect(throws: Oops.self) { try await queue.perform("a") { throw Oops() } }
            let seven = try await queue.perform("a") { 7 }
            #expect(seven == 7)
        }
    }

    @Test("at the end everything that waits still runs, cancelled; what comes later is turned away")
    func end() async throws {
        let queue = KeyedQueue<Int>()
        let sawCancellation = Mutex(0)
        for key in 0..<10 {
            queue.enqueue(key) { if Task.isCancelled { sawCancellation.withLock { $0 += 1 } } }
        }
        let task = Task { await queue.run() }
        task.cancel()
        await task.value
        #expect(queue.enqueue(1) {} == false)
        await #expect(throws: CancellationError.self) { try await queue.perform(2) {} }
        #expect(sawCancellation.withLock(\.self) <= 10)
    }

    private func running(_ queue: KeyedQueue<String>, _ body: () async throws -> Void) async throws {
        let task = Task { await queue.run() }
        do {
            try await body()
        } catch {
            task.cancel()
            throw error
        }
        task.cancel()
        await task.value
    }
}

/// The wait for a connection.
struct OnlineGateTests {
    @Test("opening lets everybody through, closing stops the next")
    func openAndClose() async {
        let gate = OnlineGate()
        let clock = ContinuousClock()
        async let first = gate.pass(within: .seconds(600), clock: clock)
        async let second = gate.pass(within: .seconds(600), clock: clock)
        gate.open()
        #expect(await first)
        #expect(await second)
        #expect(await gate.pass(within: .seconds(600), clock: clock))
        gate.close()
        #expect(await gate.pass(within: .zero, clock: clock) == false)
    }

    @Test("a cancelled task stops waiting")
    func cancellation() async {
        let gate = OnlineGate()
        let task = Task { await gate.pass(within: .seconds(600), clock: ContinuousClock()) }
        task.cancel()
        #expect(await task.value == false)
    }
}
