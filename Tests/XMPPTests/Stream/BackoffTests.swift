import Testing

@testable import XMPP

@Suite struct BackoffTests {
    struct Constant: RandomNumberGenerator {
        let value: UInt64
        mutating func next() -> UInt64 { value }
    }
    private func waits(_ code: SessionFailure.Code, _ count: Int, _ backoff: inout Backoff) -> [Duration] {
        var random = Constant(value: .max)
        return (0..<count).map { _ in backoff.delay(after: SessionFailure(code, ""), using: &random) }
    }
    private static func seconds(_ duration: Duration) -> Int64 { (duration + .milliseconds(500)).components.seconds }

    @Test func lostConnectionsDoubleAndNeverGiveUp() {
        var backoff = Backoff()
        #expect(waits(.network, 11, &backoff).map(Self.seconds) == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
        #expect(waits(.network, 100, &backoff).map(Self.seconds).allSatisfy { $0 == 300 })
    }

    @Test func waitsAreSpread() {
        var low = Constant(value: 0)
        var high = Constant(value: .max)
        var one = Backoff()
        var other = Backoff()
        #expect(one.delay(after: SessionFailure(.network, ""), using: &low) == .milliseconds(500))
        #expect(other.delay(after: SessionFailure(.network, ""), using: &high) >= .milliseconds(999))
    }

    @Test func refusedLoginsAreRetriedSlowly() {
        var backoff = Backoff()
        #expect(waits(.login, 9, &backoff).map(Self.seconds) == [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600])
    }

    @Test("R6: a conflict waits 5 minutes, doubling") func conflicts() {
        var backoff = Backoff()
        var low = Constant(value: 0)
        let first = backoff.delay(after: SessionFailure(.conflict, ""), using: &low)
        #expect(first == .seconds(300))
        // A session of a few minutes doesn't end a quarrel of two processes.
        backoff.wasOnline(for: .seconds(600))
        let second = backoff.delay(after: SessionFailure(.conflict, ""), using: &low)
        #expect(second == .seconds(600))
        backoff.wasOnline(for: .seconds(3_600))
        let third = backoff.delay(after: SessionFailure(.conflict, ""), using: &low)
        #expect(third == .seconds(300))
        for _ in 0..<50 { #expect(backoff.delay(after: SessionFailure(.conflict, ""), using: &low) <= .seconds(4 * 3_600)) }
    }

    @Test func aSessionThatLastedStartsOver() {
        var backoff = Backoff()
        _ = waits(.server, 5, &backoff)
        backoff.wasOnline(for: .seconds(61))
        #expect(waits(.server, 1, &backoff).map(Self.seconds) == [1])
    }

    @Test("What was before a session is over, however short that was; a server that throws us out again and again is failing")
    func shortSessions() {
        var backoff = Backoff()
        _ = waits(.network, 9, &backoff)
        backoff.wasOnline(for: .seconds(5))
        #expect(waits(.server, 1, &backoff).map(Self.seconds) == [1])
        backoff.wasOnline(for: .seconds(5))
        #expect(waits(.server, 2, &backoff).map(Self.seconds) == [2, 4])
        backoff.wasOnline(for: .seconds(5))
        #expect(waits(.server, 1, &backoff).map(Self.seconds) == [4])
        backoff.wasOnline(for: .seconds(61))
        backoff.wasOnline(for: .seconds(5))
        #expect(waits(.server, 1, &backoff).map(Self.seconds) == [1])
    }

    @Test("However many sessions were short, the next attempt is half a minute away; what can't be reached at all waits longer")
    func manyShortSessions() {
        var backoff = Backoff()
        for _ in 0..<40 { backoff.wasOnline(for: .seconds(20)) }
        #expect(waits(.network, 4, &backoff).map(Self.seconds) == [32, 64, 128, 256])
        backoff.wasOnline(for: .seconds(20))
        #expect(waits(.network, 1, &backoff).map(Self.seconds) == [32])
    }
}
