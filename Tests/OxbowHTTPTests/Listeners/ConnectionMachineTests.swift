import NIOCore
import Testing

@testable import OxbowHTTP

@Suite("A connection's machine") struct ConnectionMachineTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    private func machine() -> ConnectionMachine {
        var machine = ConnectionMachine(limits: ConnectionMachine.Limits(HTTPLimits()))
        machine.opened(start)
        return machine
    }

    @Test("the first request has thirty seconds from the connection's beginning, however it drips")
    func first() {
        var machine = machine()
        for second in 1..<30 { #expect(machine.bytes(1, start + .seconds(Int64(second))) == .none) }
        #expect(machine.fired(start + .seconds(29)) == .none)
        #expect(machine.fired(start + .seconds(30)) == .close(.slowRequest))
    }

    @Test("a request that has come takes the time that it takes; then the connection is kept for a minute")
    func kept() {
        var machine = machine()
        machine.head(isKeepAlive: true, start + .seconds(1))
        machine.end(start + .seconds(2))
        #expect(machine.deadline == nil)
        #expect(machine.answerHead(start + .seconds(500)) == false)
        #expect(machine.deadline == start + .seconds(530))
        #expect(machine.answerEnd(start + .seconds(501)) == .none)
        #expect(machine.fired(start + .seconds(560)) == .none)
        #expect(machine.fired(start + .seconds(561)) == .close(.idle))
    }

    @Test("the next request has thirty seconds from its first byte")
    func second() {
        var machine = machine()
        machine.head(isKeepAlive: true, start)
        machine.end(start)
        _ = machine.answerHead(start)
        _ = machine.answerEnd(start)
        #expect(machine.bytes(1, start + .seconds(50)) == .none)
        #expect(machine.deadline == start + .seconds(80))
        #expect(machine.fired(start + .seconds(80)) == .close(.slowRequest))
    }

    @Test("a request behind one that is being answered waits for it, and has its time after that")
    func pipelined() {
        var machine = machine()
        machine.head(isKeepAlive: true, start)
        machine.end(start)
        machine.head(isKeepAlive: true, start)
        #expect(machine.fired(start + .seconds(100)) == .none)
        #expect(machine.answerHead(start + .seconds(100)) == false)
        #expect(machine.answerEnd(start + .seconds(100)) == .none)
        #expect(machine.deadline == start + .seconds(130))
        machine.end(start + .seconds(101))
        #expect(machine.deadline == nil)
    }

    @Test("who doesn't read the answer is cut off")
    func slowReader() {
        var machine = machine()
        machine.head(isKeepAlive: true, start)
        machine.end(start)
        _ = machine.answerHead(start)
        #expect(machine.fired(start + .seconds(30)) == .close(.slowReader))
    }

    @Test("a request answered before it has come: the answer says that the connection ends, the rest is dropped, for a while and so much")
    func early() {
        var machine = machine()
        machine.head(isKeepAlive: true, start)
        #expect(machine.answerHead(start) == true)
        #expect(machine.answerEnd(start) == .shutOutput)
        #expect(machine.isLingering)
        #expect(machine.bytes(200 << 10, start) == .none)
        #expect(machine.fired(start + .seconds(1)) == .none)
        var other = machine
        #expect(machine.fired(start + .seconds(2)) == .close(.done))
        #expect(other.bytes(100 << 10, start) == .close(.done))
    }

    @Test("the last request's answer says so, and no earlier one")
    func last() {
        var machine = machine()
        machine.head(isKeepAlive: true, start)
        machine.end(start)
        machine.head(isKeepAlive: false, start)
        machine.end(start)
        #expect(machine.answerHead(start) == false)
        #expect(machine.answerEnd(start) == .none)
        #expect(machine.answerHead(start) == true)
        #expect(machine.answerEnd(start) == .shutOutput)
        #expect(machine.inputClosed() == .close(.done))
    }

    @Test("when the process ends, who waits for nothing is closed, and who waits for an answer gets it first")
    func quiesce() {
        var idle = machine()
        #expect(idle.quiesce() == .close(.done))
        var busy = machine()
        busy.head(isKeepAlive: true, start)
        busy.end(start)
        #expect(busy.quiesce() == .none)
        #expect(busy.answerHead(start) == true)
        #expect(busy.answerEnd(start) == .shutOutput)
    }
}
