import Testing
import XMPP

@testable import Oxbow

@Suite struct CountersTests {
    @Test("Times are counted in buckets that include those below, with count and sum")
    func histograms() {
        let counters = Counters()
        for seconds in [0.001, 0.005, 0.3, 59, 61] { counters.observe(seconds, "oxbow_handler_seconds", ["bot": "b"]) }
        counters.observe(1, "oxbow_handler_seconds", ["bot": "a"])
        #expect(counters.histograms.map(\.key.labels) == [["bot": "a"], ["bot": "b"]])
        let histogram = counters.histograms[1]
        #expect(histogram.count == 5)
        #expect(abs(histogram.sum - 120.306) < 0.000_001)
        #expect(
            zip(Histogram.bounds, histogram.buckets).map { "\($0):\($1)" }.joined(separator: " ")
                == "0.005:2 0.01:2 0.025:2 0.05:2 0.1:2 0.25:2 0.5:3 1.0:3 2.5:3 5.0:3 10.0:3 30.0:3 60.0:4"
        )
        #expect(counters.entries.isEmpty)
    }

    @Test("The last events are kept, the newest first, and no more than that")
    func recent() throws {
        let events = RecentEvents()
        let account = try #require(Address("bot@localhost"))
        let peer = try #require(Address("alice@localhost/phone"))
        for time in 0..<Int64(RecentEvents.limit + 5) { events.note(RecentEvent(time: time, account: account, .opened, peer: peer)) }
        #expect(events.all.count == RecentEvents.limit)
        #expect(events.all.first?.time == Int64(RecentEvents.limit + 4))
        #expect(events.all.last?.time == 5)
        #expect(events.all.first?.peer?.description == "alice@localhost")
    }
}
