import Testing

@testable import OpenPGP

@Suite struct WorkQueueTests {
    @Test("A lane begins in order, and only so many at once") func order() throws {
        let queue = Line<Int>(perLane: 2)
        for work in 1...4 { _ = queue.add(work, lane: "a") }
        let first = try #require(queue.next())
        let second = try #require(queue.next())
        #expect(first.work == 1 && second.work == 2)
        #expect(queue.next() == nil)
        queue.finish(second.ticket)
        #expect(queue.next()?.work == 3)
        #expect(queue.next() == nil)
        queue.finish(first.ticket)
        #expect(queue.next()?.work == 4)
    }

    @Test("A flood in one lane makes no other wait for more than one piece of work") func fairness() {
        let queue = Line<String>(perLane: 100)
        for number in 0..<1000 { _ = queue.add("a\(number)", lane: "a") }
        _ = queue.add("b0", lane: "b")
        _ = queue.add("c0", lane: "c")
        _ = queue.add("b1", lane: "b")
        let begun = (0..<6).compactMap { _ in queue.next()?.work }
        #expect(begun == ["a0", "b0", "c0", "a1", "b1", "a2"])
    }

    @Test("Exclusive work waits until its lane is empty, and then runs alone; nothing overtakes it") func exclusive() throws {
        let queue = Line<String>(perLane: 2)
        _ = queue.add("read 1", lane: "a")
        _ = queue.add("write", lane: "a", exclusive: true)
        _ = queue.add("read 2", lane: "a")
        _ = queue.add("other", lane: "b")
        let read = try #require(queue.next())
        #expect(read.work == "read 1")
        #expect(queue.next()?.work == "other")
        #expect(queue.next() == nil)
        queue.finish(read.ticket)
        let write = try #require(queue.next())
        #expect(write.work == "write")
        #expect(queue.next() == nil)
        queue.finish(write.ticket)
        queue.finish(write.ticket)
        #expect(queue.next()?.work == "read 2")
    }

    @Test("Work that has not begun can be taken back, once") func withdraw() throws {
        let queue = Line<Int>(perLane: 1)
        let first = queue.add(1, lane: "a")
        let second = queue.add(2, lane: "a")
        _ = queue.add(3, lane: "a")
        _ = queue.next()
        #expect(queue.withdraw(first, lane: "a") == nil)
        #expect(queue.withdraw(second, lane: "a") == 2)
        #expect(queue.withdraw(second, lane: "a") == nil)
        queue.finish(first)
        #expect(queue.next()?.work == 3)
    }

    @Test("Long queues keep their order and are let go of") func long() throws {
        let queue = Line<Int>(perLane: 1)
        for work in 0..<1000 { _ = queue.add(work, lane: "a") }
        for work in 0..<1000 {
            let next = try #require(queue.next())
            #expect(next.work == work)
            queue.finish(next.ticket)
        }
        #expect(queue.next() == nil)
    }
}

/// `#expect` can't call a value's mutating methods.
private final class Line<Work> {
    private var queue: WorkQueue<Work>

    init(perLane: Int) { queue = WorkQueue(perLane: perLane) }

    func add(_ work: Work, lane: String, exclusive: Bool = false) -> WorkQueue<Work>.Ticket {
        queue.add(work, lane: lane, exclusive: exclusive)
    }
    func next() -> (ticket: WorkQueue<Work>.Ticket, work: Work)? { queue.next() }
    func withdraw(_ ticket: WorkQueue<Work>.Ticket, lane: String) -> Work? { queue.withdraw(ticket, lane: lane) }
    func finish(_ ticket: WorkQueue<Work>.Ticket) { queue.finish(ticket) }
}
