import Dispatch
import Glibc
import Synchronization
import Testing

@testable import OpenPGP

/// The pool's threads, with work that stands in for GPGME's calls: the pool must not know the difference.
@Suite struct GPGMEWorkersTests {
    @Test("Results and errors come back") func results() async throws {
        let pool = GPGMEWorkers(threads: 2, perHome: 2)
        #expect(try await pool.run(home: "a", limit: .seconds(60)) { _ in 7 } == 7)
        let error = await #expect(throws: OpenPGPError.self) {
            try await pool.run(home: "a", limit: .seconds(60)) { _ in throw OpenPGPError(.badKey, "x") }
        }
        #expect(error?.code == .badKey)
    }

    @Test("At most two at once in one home, whatever comes") func perHome() async throws {
        let pool = GPGMEWorkers(threads: 4, perHome: 2)
        final class Counts: Sendable {
            let value = Mutex((now: 0, most: 0))
        }
        let counts = Counts()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    try await pool.run(home: "a", limit: .seconds(60)) { _ in
                        counts.value.withLock {
                            $0.now += 1
                            $0.most = max($0.most, $0.now)
                        }
                        counts.value.withLock { $0.now -= 1 }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(counts.value.withLock { $0.most } <= 2)
    }

    @Test("Work that doesn't come back is given up, its thread replaced, its late result dropped") func hanging() async throws {
        let pool = GPGMEWorkers(threads: 1, perHome: 1, grace: .milliseconds(10))
        let gates = (0..<3).map { _ in DispatchSemaphore(value: 0) }
        let ended = DispatchSemaphore(value: 0)
        for gate in gates {
            let error = await #expect(throws: OpenPGPError.self) {
                try await pool.run(home: "a", limit: .milliseconds(10)) { _ in
                    gate.wait()
                    ended.signal()
                }
            }
            #expect(error?.code == .timedOut)
        }
        #expect(try await pool.run(home: "a", limit: .seconds(60)) { _ in 1 } == 1)
        for gate in gates { gate.signal() }
        #expect(try await pool.run(home: "a", limit: .seconds(60)) { _ in (0..<3).count { _ in ended.wait() == () } } == 3)
        #expect(try await pool.run(home: "a", limit: .seconds(60)) { _ in 2 } == 2)
    }

    @Test("At the limit the work is told, and may end by itself") func interrupted() async throws {
        let pool = GPGMEWorkers(threads: 1, perHome: 1, grace: .seconds(60))
        // Never touched: the operation doesn't begin.
        let context = GPGMEContext(address: 16)
        let error = await #expect(throws: OpenPGPError.self) {
            try await pool.run(home: "a", limit: .milliseconds(10)) { interruption in
                while interruption.reason == nil { sched_yield() }
                _ = try interruption.during(context) { _ in Issue.record("an interrupted operation began") }
            }
        }
        #expect(error?.code == .timedOut)
    }

    @Test("A cancelled task is let go, before and while its work runs") func cancelled() async throws {
        let pool = GPGMEWorkers(threads: 1, perHome: 1, grace: .milliseconds(10))
        let gate = DispatchSemaphore(value: 0)
        let began = Promise<Void>()
        let running = Task {
            try await pool.run(home: "a", limit: .seconds(600)) { _ in
                began.fulfil(.success(()))
                gate.wait()
            }
        }
        try await began.value()
        let waiting = Task { try await pool.run(home: "a", limit: .seconds(600)) { _ in Issue.record("cancelled work began") } }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        running.cancel()
        await #expect(throws: CancellationError.self) { try await running.value }
        gate.signal()
        #expect(try await pool.run(home: "a", limit: .seconds(60)) { _ in 3 } == 3)
    }

    @Test("Timers fire in order of their time") func timers() async throws {
        let pool = GPGMEWorkers(threads: 1, perHome: 1)
        let fired = Promise<Int>()
        pool.after(.milliseconds(60_000)) { fired.fulfil(.success(2)) }
        pool.after(.milliseconds(1)) { fired.fulfil(.success(1)) }
        #expect(try await fired.value() == 1)
    }
}
