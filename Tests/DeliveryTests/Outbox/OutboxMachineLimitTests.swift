import Testing
import XMPP

@testable import Delivery

/// Too big (R11), and what bounds the machine.
@Suite struct OutboxMachineLimitTests {
    @Test func R11_afterAPolicyViolationOneGoesAtATimeAndTheCulpritIsSetAside() throws {
        var (bench, _) = try Bench.online { [$0.entry(1), $0.entry(2), $0.entry(3, to: $0.romeo), $0.entry(4, to: $0.romeo)] }
        _ = bench.seal(1)
        _ = bench.seal(3, size: 150_000)
        #expect(bench.say(.offline(.policyViolation)) == [])
        #expect(bench.say(.online(limit: nil)) == ["send 1 same"])
        #expect(bench.seal(2) == [])
        #expect(bench.say(.acknowledged(number: 1)) == ["+sent 1", "settled 1 sent", "send 3 same"])
        #expect(bench.say(.offline(.policyViolation)) == ["+learnt 150000", "+dead 3 too-big", "settled 3 dead"])
        #expect(bench.say(.online(limit: nil)).filter { $0.hasPrefix("s") } == ["seal 2"], "4 is still being sealed")
        #expect(bench.seal(4, size: 150_000) == ["+dead 4 too-big", "settled 4 dead"])
        #expect(bench.seal(2, size: 149_999) == ["+handed 2 order 3", "send 2"])
    }

    @Test func R11_aCutBetweenDoesNotEndTheCare() throws {
        var (bench, _) = try Bench.online { [$0.entry(1), $0.entry(2)] }
        _ = bench.seal(1, size: 20_000)
        _ = bench.seal(2, size: 20_000)
        _ = bench.say(.offline(.policyViolation))
        #expect(bench.say(.online(limit: nil)) == ["send 1 same"])
        #expect(bench.say(.offline(.lost)) == [])
        #expect(bench.say(.online(limit: nil)) == ["send 1 same"])
        #expect(bench.say(.acknowledged(number: 1)) == ["+sent 1", "settled 1 sent", "send 2 same"])
        #expect(bench.say(.acknowledged(number: 2)) == ["+sent 2", "settled 2 sent"])
        #expect(bench.machine.careful == nil)
    }

    @Test func R11_aSmallStanzaIsNotCalledTooBig() throws {
        var (bench, _) = try Bench.online { [$0.entry(1)] }
        _ = bench.seal(1, size: 9_000)
        _ = bench.say(.offline(.policyViolation))
        _ = bench.say(.online(limit: nil))
        #expect(bench.say(.offline(.policyViolation)) == ["+waiting 1 server-policy 1 until 1060", "wake 1060"])
        #expect(bench.machine.learntLimit == nil)
    }

    @Test func R11_largeStanzasGoAloneWhileNoLimitIsKnown() throws {
        var (bench, _) = try Bench.online { [$0.entry(1), $0.entry(2, to: $0.romeo), $0.entry(3)] }
        _ = bench.seal(1)
        #expect(bench.seal(2, size: 300_000) == [])
        #expect(bench.seal(3) == [], "it is behind the large one")
        #expect(bench.say(.acknowledged(number: 1)) == ["+sent 1", "+handed 2 order 2", "settled 1 sent", "send 2"])
        #expect(bench.say(.acknowledged(number: 2)).last == "send 3")
    }

    @Test func R11_theAnnouncedLimitIsKept() throws {
        var (bench, _) = try Bench.online(limit: 262_144) { [$0.entry(1), $0.entry(2, to: $0.romeo)] }
        #expect(bench.seal(1, size: 262_145) == ["+dead 1 too-big", "settled 1 dead"])
        #expect(bench.seal(2, size: 262_144) == ["+handed 2 order 1", "send 2"])
    }

    @Test func theWindowIsBounded() throws {
        let limits = OutboxMachine.Limits(window: 8, recipientWindow: 4, inFlight: 3, sealing: 2, recipientSealing: 2, page: 8)
        var (bench, _) = try Bench.online(limits)
        _ = bench.say(.accepted)
        // What is more than fits for one recipient is read by pages of its own.
        let lines = bench.answer((1...8).map { bench.entry($0) }, isLast: false)
        #expect(lines == ["load after 8", "seal 1", "seal 2"])
        #expect(bench.machine.items.count == 4)
        #expect(bench.machine.loading.query?.excluding == [bench.juliet])
        #expect(bench.answer([bench.entry(9, to: bench.romeo)]) == [])
        _ = bench.seal(1)
        _ = bench.seal(2)
        #expect(bench.machine.inFlight.count + bench.machine.sealing == 3, "no more than that at a time")
        #expect(bench.say(.acknowledged(number: 1)).contains { $0.hasPrefix("seal") })
        _ = bench.say(.acknowledged(number: 2))
        let line = bench.seal(3) + bench.say(.acknowledged(number: 3))
        #expect(line.contains("load juliet@example.org after 4"))
        _ = bench.answer([bench.entry(5), bench.entry(6), bench.entry(7)], isLast: false)
        #expect(bench.machine.items.keys.sorted() == [4, 5, 6, 7, 9])
    }

    @Test func aStaleAnswerBringsNothingBack() throws {
        var (bench, _) = try Bench.online { [$0.entry(1)] }
        _ = bench.seal(1)
        #expect(bench.say(.accepted) == ["load after 1"])
        _ = bench.say(.hasten(bench.romeo))
        #expect(bench.answer([]) == ["load after 0"])
        _ = bench.say(.acknowledged(number: 1))
        #expect(bench.answer([bench.entry(1) { $0.state = .handed }]) == [])
        #expect(bench.machine.items.isEmpty)
        // The same for a recipient that has to wait meanwhile.
        _ = bench.say(.accepted)
        _ = bench.answer([bench.entry(2)])
        _ = bench.say(.accepted)
        _ = bench.say(.sealFailed(number: 2, OutboxFailure(.noKey, "none")))
        #expect(bench.answer([bench.entry(3)]) == [])
        #expect(bench.machine.items.isEmpty)
    }
}
