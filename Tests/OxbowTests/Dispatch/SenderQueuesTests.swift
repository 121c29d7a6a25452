import Testing
import XMPP

@testable import Oxbow

@Suite struct SenderQueuesTests {
    @Test("One item a sender at a time, in order; senders take turns within the limit")
    func turns() throws {
        let (a, b, c) = (try #require(Address("a@x")), try #require(Address("b@x")), try #require(Address("c@x")))
        var queues = SenderQueues<Int>(limit: 2)
        for (sender, item) in [(a, 1), (a, 2), (b, 3), (c, 4), (a, 5)] { queues.add(item, from: sender) }
        #expect(queues.count == 5)
        #expect(queues.next()?.item == 1)
        #expect(queues.next()?.item == 3)
        #expect(queues.next() == nil)
        queues.finished(a)
        #expect(queues.next()?.item == 4)
        #expect(queues.next() == nil)
        queues.finished(b)
        #expect(queues.next()?.item == 2)
        queues.finished(c)
        #expect(queues.next() == nil)
        queues.finished(a)
        #expect(queues.next()?.item == 5)
        queues.finished(a)
        #expect(queues.next() == nil)
        #expect(queues.count == 0)
        #expect(queues.runningCount == 0)
        queues.finished(a)
        #expect(queues.count == 0)
    }
}
