import Testing
import XMPP

@testable import Delivery

/// What the line does to the machine: pauses that are its fault end with it, and what is on its way is bounded.
@Suite struct OutboxMachineLineTests {
    @Test("What could not be sealed for want of a line is no attempt, and goes at once when the account is online again")
    func interruptedSealing() throws {
        var (bench, _) = try Bench.online { [$0.entry(1), $0.entry(2), $0.entry(3), $0.entry(4, to: $0.romeo)] }
        #expect(bench.say(.sealFailed(number: 1, OutboxFailure(.offline, "cut"))) == ["wake 1005"], "nothing for the disk")
        #expect(bench.seal(2) == [], "the first comes first")
        #expect(bench.seal(4) == ["+handed 4 order 1", "send 4"], "others go on")
        bench.now += 1
        #expect(bench.say(.tick) == [])
        #expect(bench.say(.online(limit: nil)) == ["seal 1", "seal 3"])
        #expect(bench.seal(1) == ["+handed 1 order 2", "+handed 2 order 3", "send 1", "send 2"])
    }

    @Test("On a line that holds, the next attempt to look up keys comes after a pause")
    func pause() throws {
        var (bench, _) = try Bench.online(.init(recipientSealing: 1)) { [$0.entry(1), $0.entry(2)] }
        #expect(bench.say(.sealFailed(number: 1, OutboxFailure(.offline, "no answer"))) == ["wake 1005"])
        bench.now = 1004
        #expect(bench.say(.accepted) == ["load after 2"])
        #expect(bench.answer([bench.entry(3)]) == [])
        bench.now = 1005
        #expect(bench.say(.tick) == ["load after 0", "seal 1"])
        #expect(bench.machine.items.count == 3)
        // And then after a longer one.
        #expect(bench.say(.sealFailed(number: 1, OutboxFailure(.offline, "no answer"))).contains("wake 1015"))
    }

    @Test("R10: while nobody knows whether the session goes on, nothing is sealed or handed over; what was, isn't repeated")
    func interrupted() throws {
        var (bench, _) = try Bench.online { [$0.entry(1), $0.entry(2), $0.entry(3)] }
        _ = bench.seal(1)
        #expect(bench.say(.interrupted) == [])
        #expect(bench.seal(2) == [])
        #expect(bench.say(.online(limit: nil)) == ["seal 2"])
        #expect(bench.seal(2) == ["+handed 2 order 2", "send 2"])
        #expect(bench.say(.acknowledged(number: 1)) == ["+sent 1", "settled 1 sent"])
        // Or it doesn't go on.
        _ = bench.say(.interrupted)
        _ = bench.say(.offline(.lost))
        #expect(bench.say(.online(limit: nil)) == ["send 2 same"])
    }

    @Test("What is on its way is bounded in bytes; a stanza that is larger than that goes alone")
    func bytes() throws {
        var (bench, _) = try Bench.online(.init(inFlightBytes: 1000), limit: 10_000) { bench in
            (1...3).map { bench.entry($0) } + [bench.entry(4, to: bench.romeo)]
        }
        #expect(bench.seal(1, size: 600).contains("send 1"))
        #expect(bench.seal(2, size: 600) == [], "it waits")
        #expect(bench.seal(4, size: 5000) == [])
        #expect(bench.say(.acknowledged(number: 1)).suffix(1) == ["send 2"])
        #expect(bench.say(.acknowledged(number: 2)).suffix(1) == ["send 4"])
        #expect(bench.seal(3, size: 10) == [])
        #expect(bench.say(.acknowledged(number: 4)).suffix(1) == ["send 3"])
        _ = bench.say(.offline(.lost))
        #expect(bench.machine.inFlightBytes == 0)
        #expect(bench.say(.online(limit: nil)) == ["send 3 same"])
        #expect(bench.machine.inFlightBytes == 10)
    }
}
