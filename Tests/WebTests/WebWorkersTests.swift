import Dispatch
import Synchronization
import Testing
import Web

@Suite struct WebWorkersTests {
    /// Work that goes on until it is told to end: on a thread of the pool it may wait.
    private final class Gate: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)
        let begun = Atomic(0)

        func pass() {
            begun.add(1, ordering: .relaxed)
            semaphore.wait()
        }
        func open(_ count: Int = 1) { for _ in 0..<count { semaphore.signal() } }
        func begun(_ count: Int) async { while begun.load(ordering: .relaxed) < count { await Task.yield() } }
    }

    @Test("Results and errors come back") func results() async throws {
        let workers = WebWorkers(threads: 2, waiting: 2)
        #expect(try await workers.run(limit: .seconds(60)) { _ in 7 } == 7)
        await #expect(throws: WebError(.request, "x")) {
            _ = try await workers.run(limit: .seconds(60)) { _ in throw WebError(.request, "x") }
        }
    }

    @Test("So many at once, so many waiting, and no more") func bounded() async throws {
        let workers = WebWorkers(threads: 2, waiting: 1)
        let gate = Gate()
        let running = (0..<2).map { _ in Task { try await workers.run(limit: .seconds(60)) { _ in gate.pass() } } }
        await gate.begun(2)
        let queued = Task { try await workers.run(limit: .seconds(60)) { _ in gate.pass() } }
        while workers.waiting < 1 { await Task.yield() }
        let error = await #expect(throws: WebError.self) { _ = try await workers.run(limit: .seconds(60)) { _ in 0 } }
        #expect(error?.code == .busy)
        #expect(gate.begun.load(ordering: .relaxed) == 2)
        gate.open(3)
        for task in running + [queued] { try await task.value }
        #expect(gate.begun.load(ordering: .relaxed) == 3)
    }

    @Test("The limit holds for who asks, also while the thread hangs, and for who waits") func limit() async throws {
        let workers = WebWorkers(threads: 1, waiting: 1)
        let gate = Gate()
        for _ in 0..<2 {
            let error = await #expect(throws: WebError.self) { try await workers.run(limit: .milliseconds(50)) { _ in gate.pass() } }
            #expect(error?.code == .timedOut)
        }
        #expect(workers.waiting == 0)
        gate.open()
        #expect(try await workers.run(limit: .seconds(60)) { _ in 1 } == 1)
        // What waited was withdrawn: it has never begun.
        #expect(gate.begun.load(ordering: .relaxed) <= 1)
    }

    @Test("Cancelled work is told, and cancelled waiting never begins") func cancelled() async throws {
        let workers = WebWorkers(threads: 1, waiting: 1)
        let (gate, told) = (Gate(), Gate())
        let running = Task {
            try await workers.run(limit: .seconds(60)) { stop in
                gate.pass()
                if stop.isSet { told.begun.add(1, ordering: .relaxed) }
            }
        }
        await gate.begun(1)
        let queued = Task { try await workers.run(limit: .seconds(60)) { _ in gate.pass() } }
        while workers.waiting < 1 { await Task.yield() }
        queued.cancel()
        running.cancel()
        await #expect(throws: CancellationError.self) { try await queued.value }
        await #expect(throws: CancellationError.self) { try await running.value }
        gate.open()
        await told.begun(1)
        #expect(gate.begun.load(ordering: .relaxed) == 1)
    }
}
