import Synchronization
import Testing

@testable import XMPPNIO

@Suite struct EventQueueTests {
    @Test func keepsOrderAndTellsWhatIsTaken() async {
        let queue = EventQueue<Int>()
        let taken = Mutex<[Int]>([])
        queue.onTake { element in taken.withLock { $0.append(element) } }
        for number in 0..<3 { queue.push(number) }
        queue.finish()
        queue.push(99)
        var seen: [Int] = []
        for await number in queue.stream { seen.append(number) }
        #expect(seen == [0, 1, 2])
        #expect(taken.withLock { $0 } == [0, 1, 2])
    }

    @Test func aCancelledConsumerGetsNothing() async {
        let queue = EventQueue<Int>()
        let consumer = Task { await queue.next() }
        consumer.cancel()
        #expect(await consumer.value == nil)
        queue.push(1)
        #expect(await queue.next() == 1)
    }

    @Test func wakesAWaitingConsumer() async {
        let queue = EventQueue<Int>()
        async let next = queue.next()
        await Task.yield()
        queue.push(5)
        #expect(await next == 5)
    }
}
