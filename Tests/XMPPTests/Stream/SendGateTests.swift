import Testing

@testable import XMPP

@Suite struct SendGateTests {
    private static let large = SendGate.aloneAbove + 1

    private func gate(announced: Int? = nil, learnt: Int? = nil) throws -> SendGate {
        var gate = SendGate(account: try #require(Address("bot@x")), learnt: learnt)
        gate.began(announced: announced)
        return gate
    }

    @Test("R11: what is known to be too big is refused, with the limit in words") func knownLimits() throws {
        var announced = try gate(announced: 20_000)
        #expect(announced.limit == SizeLimit(20_000, .announced))
        #expect(announced.submit(1, size: 20_000, .message).word == "go")
        #expect(announced.submit(2, size: 20_001, .message).word == "tooBig")
        #expect(announced.submit(3, size: 20_001, .other).word == "tooBig")
        let words = try #require(announced.refusal(of: 30_000)).message
        #expect(words.contains("30000 bytes") && words.contains("20000 bytes, as the server says"))

        let learnt = try gate(announced: 20_000, learnt: 15_000)
        #expect(learnt.limit == SizeLimit(15_000, .learnt), "the smaller one counts")
        #expect(learnt.refusal(of: 15_000) == nil && learnt.refusal(of: 15_001)?.code == .tooBig)
        #expect(try gate(announced: 10_000, learnt: 15_000).limit == SizeLimit(10_000, .announced))
        #expect(try gate(learnt: .max).refusal(of: .max) == nil)
    }

    @Test("R11: over 200 KiB with no limit known goes alone") func largeOnesGoAlone() throws {
        var gate = try gate()
        #expect(gate.submit(1, size: 500, .message).word == "go")
        #expect(gate.submit(2, size: Self.large, .message).word == "wait", "another one is on its way")
        #expect(gate.submit(3, size: 500, .message).word == "wait", "order is kept")
        #expect(gate.submit(4, size: 500, .other).word == "go", "small requests can't be the culprit")
        #expect(gate.finished(1) == [2])
        #expect(gate.finished(4) == [])
        #expect(gate.submit(5, size: SendGate.alwaysFits + 1, .other).word == "wait", "large requests can")
        #expect(gate.finished(2) == [3, 5])
        // With a limit known nothing has to be alone.
        gate = try self.gate(announced: 1 << 20)
        #expect(gate.submit(1, size: Self.large, .message).word == "go")
        #expect(gate.submit(2, size: Self.large, .message).word == "go")
    }

    @Test("R11: one that was alone is found at once, and its size is the limit") func foundAtOnce() throws {
        var gate = try gate()
        _ = gate.submit(1, size: Self.large, .message)
        _ = gate.submit(2, size: 500, .message)
        let found = gate.ended(.policy)
        let culprit = try #require(found)
        #expect(culprit.token == 1 && culprit.error.code == .tooBig && culprit.error.message.contains("\(Self.large) bytes"))
        #expect(gate.limit == SizeLimit(Self.large - 1, .learnt))
        gate.began(announced: nil)
        #expect(gate.submit(3, size: Self.large, .message).word == "tooBig")
        #expect(gate.submit(4, size: Self.large - 1, .message).word == "go", "with a limit known, nothing has to be alone")
        #expect(gate.submit(5, size: 500, .message).word == "go")
        #expect(!gate.isCareful)
    }

    @Test("R11: after the error one at a time; the one that ends the stream again is the culprit, the rest goes on") func careful() throws {
        var gate = try gate()
        for token in 1...4 { #expect(gate.submit(UInt64(token), size: token == 3 ? 60_000 : 1_000, .message).word == "go") }
        #expect(gate.finished(1) == [])
        #expect(gate.ended(.policy)?.token == nil, "any of three")
        #expect(gate.isCareful)

        gate.began(announced: nil)
        // Submitted again by who had sent them.
        #expect(gate.submit(12, size: 1_000, .message).word == "go")
        #expect(gate.submit(13, size: 60_000, .message).word == "wait")
        #expect(gate.submit(14, size: 1_000, .message).word == "wait")
        #expect(gate.finished(12) == [13])
        #expect(gate.finished(12) == [], "an acknowledgement counts once")
        let found = gate.ended(.policy)
        let culprit = try #require(found)
        #expect(culprit.token == 13 && culprit.error.code == .tooBig)
        #expect(gate.limit == SizeLimit(59_999, .learnt))

        gate.began(announced: nil)
        #expect(gate.submit(24, size: 1_000, .message).word == "go")
        #expect(gate.submit(25, size: 1_000, .message).word == "wait", "one of the three is still unproven")
        #expect(gate.finished(24) == [25])
        #expect(!gate.isCareful)
        #expect(gate.submit(26, size: 1_000, .message).word == "go")
        #expect(gate.submit(27, size: 60_000, .message).word == "tooBig")
    }

    @Test("R11: a reset may overtake the server's last words: three in a row with the same large stanza alone are as good")
    func withoutAWord() throws {
        var gate = try gate()
        _ = gate.submit(1, size: 60_000, .message)
        _ = gate.submit(2, size: 1_000, .message)
        #expect(gate.ended(.forgotten)?.token == nil && gate.isCareful)
        for _ in 0..<2 {
            #expect(gate.submit(3, size: 60_000, .message).word == "go")
            #expect(gate.submit(4, size: 1_000, .message).word == "wait")
            #expect(gate.ended(.forgotten)?.token == nil)
        }
        #expect(gate.submit(5, size: 60_000, .message).word == "go")
        let found = gate.ended(.forgotten)
        let culprit = try #require(found)
        #expect(culprit.token == 5 && culprit.error.code == .tooBig)
        #expect(gate.limit == SizeLimit(59_999, .learnt))
    }

    @Test("R11: a server that restarts proves nothing against what it must take, or what it takes in the end") func restarts() throws {
        var gate = try gate()
        for token in 0..<20 {
            _ = gate.submit(UInt64(token), size: 1_000, .message)
            #expect(gate.ended(.forgotten)?.token == nil)
        }
        #expect(!gate.isCareful)
        for token in 0..<20 {
            _ = gate.submit(UInt64(token), size: Self.large, .message)
            if token % 3 == 2 { _ = gate.finished(UInt64(token)) }
            #expect(gate.ended(.forgotten)?.token == nil)
        }
    }

    @Test("R11: what every server must take isn't too big, and teaches no limit") func smallCulprit() throws {
        var gate = try gate()
        _ = gate.submit(1, size: 1_000, .message)
        #expect(gate.ended(.policy)?.token == nil)
        _ = gate.submit(2, size: 1_000, .message)
        let found = gate.ended(.policy)
        let culprit = try #require(found)
        #expect(culprit.token == 2 && culprit.error.code == .policy)
        #expect(gate.limit == nil)
    }

    @Test func otherEndsProveNothing() throws {
        var gate = try gate()
        _ = gate.submit(1, size: Self.large, .message)
        _ = gate.submit(2, size: 500, .message)
        #expect(gate.ended(.other)?.token == nil)
        #expect(!gate.isCareful && gate.limit == nil)
        #expect(gate.submit(3, size: 500, .message).word == "go", "nothing waits from before")
        #expect(gate.ended(.policy)?.token == nil)
        #expect(gate.ended(.policy)?.token == nil, "nothing was on its way")
    }

    @Test func whatIsTakenBackMakesRoom() throws {
        var gate = try gate()
        _ = gate.submit(1, size: 500, .message)
        _ = gate.submit(2, size: Self.large, .message)
        _ = gate.submit(3, size: 500, .message)
        #expect(gate.withdrawn(2) == [3])
        #expect(gate.withdrawn(9) == [])
    }

    @Test("More waits than a slow server has acknowledged") func window() throws {
        var gate = try gate(announced: 10 << 20)
        #expect(gate.submit(1, size: 3 << 20, .message).word == "go")
        #expect(gate.submit(2, size: 3 << 20, .message).word == "wait")
        #expect(gate.finished(1) == [2])
        gate = try self.gate()
        for token in 0..<UInt64(SendGate.window.stanzas) { #expect(gate.submit(token, size: 100, .message).word == "go") }
        #expect(gate.submit(1_000, size: 100, .message).word == "wait")
        #expect(gate.finished(0) == [1_000])
    }
}

extension SendGate.Verdict {
    fileprivate var word: String {
        switch self {
        case .go: "go"
        case .wait: "wait"
        case .refuse(let error): error.code == .tooBig ? "tooBig" : "refused"
        }
    }
}
