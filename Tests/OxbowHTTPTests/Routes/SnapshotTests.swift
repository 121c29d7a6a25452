import Synchronization
import Testing

@testable import OxbowHTTP

@Suite("Snapshots for strangers") struct SnapshotTests {
    /// Counts what was looked up.
    private final class Looks: Sendable {
        private let count = Mutex(0)
        func next() -> Int {
            count.withLock {
                $0 += 1
                return $0
            }
        }
    }

    @Test("a value is given for its time, and not longer")
    func age() async {
        let (clock, looks) = (HandClock(), Looks())
        let snapshot = Snapshot(age: .seconds(1), clock: clock) { looks.next() }
        #expect(await snapshot.value() == 1)
        clock.advance(by: .milliseconds(999))
        #expect(await snapshot.value() == 1)
        clock.advance(by: .milliseconds(1))
        #expect(await snapshot.value() == 2)
    }

    @Test("those who ask while somebody looks get what that one finds")
    func together() async {
        let (clock, looks) = (HandClock(), Looks())
        let (gate, opening) = AsyncStream.makeStream(of: Void.self)
        let snapshot = Snapshot(clock: clock) {
            for await _ in gate { break }
            return looks.next()
        }
        await withTaskGroup(of: Int.self) { group in
            for _ in 0..<50 { group.addTask { await snapshot.value() } }
            while await snapshot.waiting < 49 { await Task.yield() }
            opening.yield()
            for await value in group { #expect(value == 1) }
        }
        #expect(looks.next() == 2)
    }

    @Test("what somebody finds who is cancelled meanwhile is nobody else's, and another looks again")
    func cancelled() async {
        let (clock, looks) = (HandClock(), Looks())
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let (gate, opening) = AsyncStream.makeStream(of: Void.self)
        let snapshot = Snapshot(clock: clock) {
            begin.yield()
            for await _ in gate { break }
            return Task.isCancelled ? -looks.next() : looks.next()
        }
        await withTaskGroup(of: Int.self) { group in
            let leaver = Task { await snapshot.value() }
            for await _ in begun { break }
            group.addTask { await snapshot.value() }
            while await snapshot.waiting < 1 { await Task.yield() }
            leaver.cancel()
            #expect(await leaver.value == -1)
            opening.yield()
            for await value in group { #expect(value == 2) }
        }
        #expect(await snapshot.value() == 2)
    }
}
