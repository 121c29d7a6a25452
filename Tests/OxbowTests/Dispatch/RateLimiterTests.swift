import Testing
import XMPP

@testable import Oxbow

@Suite struct RateLimiterTests {
    @Test("A window begins with the first call, tells once when it is full, and is forgotten when it has ended")
    func window() throws {
        let (alice, bob) = (try #require(Address("alice@x")), try #require(Address("bob@x")))
        var limiter = RateLimiter(Rate(count: 2, window: .seconds(60)))
        #expect(limiter.call(by: alice, at: .seconds(10)) == .allowed)
        #expect(limiter.call(by: alice, at: .seconds(69)) == .allowed)
        #expect(limiter.call(by: alice, at: .seconds(69)) == .tell)
        #expect(limiter.call(by: alice, at: .seconds(69)) == .silent)
        #expect(limiter.call(by: bob, at: .seconds(69)) == .allowed)
        #expect(limiter.call(by: alice, at: .seconds(70)) == .allowed)
        #expect(limiter.call(by: alice, at: .seconds(71)) == .allowed)
        #expect(limiter.call(by: alice, at: .seconds(72)) == .tell)
    }

    @Test("Many senders who call once leave nothing behind")
    func sweep() throws {
        var limiter = RateLimiter(Rate(count: 2, window: .seconds(1)))
        for index in 0..<10_000 {
            #expect(limiter.call(by: try #require(Address("u\(index)@x")), at: .milliseconds(index * 100)) == .allowed)
        }
        #expect(limiter.size < 200)
    }
}
