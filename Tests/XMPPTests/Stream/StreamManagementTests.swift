import Testing

@testable import XMPP

@Suite struct StreamManagementTests {
    static let address = Address(local: "bot", domain: "example.org", resource: "r")

    private func session(_ limits: StreamManagement.Limits = .init()) throws -> StreamManagement {
        StreamManagement(address: try #require(Self.address), session: 7, limits: limits)
    }
    private func resumed(handled: UInt32) throws -> StreamManagement {
        StreamManagement(resuming: ResumptionRecord(id: "x", address: try #require(Self.address), handled: handled), session: 7)
    }
    private func stanza(_ token: UInt64?, _ text: String = "<m/>") -> StreamManagement.Outstanding { .init(token: token, text: text) }

    @Test func oneQuestionIsOnItsWayAtATime() throws {
        var session = try session()
        let first = session.sent(stanza(1))
        let second = session.sent(stanza(2))
        #expect(first)
        #expect(!second)
        let one = try session.acknowledged(1)
        #expect(one.tokens == [1])
        #expect(one.request, "what was sent since the question has to be asked about")
        let two = try session.acknowledged(2)
        #expect(two.tokens == [2])
        #expect(!two.request)
        #expect(session.outstandingCount == 0)
    }

    @Test func aServerThatHasNotCountedYetIsNotAskedInALoop() throws {
        var session = try session()
        _ = session.sent(stanza(1))
        let answer = try session.acknowledged(0)
        #expect(answer.tokens.isEmpty)
        #expect(!answer.request)
        let again = session.request()
        #expect(again)
    }

    @Test func acknowledgementsMayComeUnasked() throws {
        var session = try session()
        _ = session.sent(stanza(1))
        _ = session.sent(stanza(nil))
        _ = session.sent(stanza(3))
        #expect(try session.acknowledged(3).tokens == [1, 3])
        #expect(try session.acknowledged(3).tokens == [])
    }

    @Test(arguments: [4, 2, 0, UInt32.max]) func countsThatCannotBe(_ h: UInt32) throws {
        var session = try session()
        for token in 1...3 { _ = session.sent(stanza(UInt64(token))) }
        _ = try session.acknowledged(3)
        #expect(throws: StreamManagement.CountTooHigh.self) { try session.acknowledged(h) }
    }

    @Test func outboundCountWraps() throws {
        var session = try resumed(handled: 0)
        #expect(try session.resumed(.max).isEmpty)
        for token in 1...3 { _ = session.sent(stanza(UInt64(token))) }
        #expect(try session.acknowledged(1).tokens == [1, 2])
        #expect(try session.acknowledged(2).tokens == [3])
    }

    @Test func inboundCountAdvancesOnlyOverWhatIsSafe() throws {
        var session = try session()
        let tickets = (0..<4).map { _ in session.receive() }
        #expect(session.handled == 0)
        session.confirm(tickets[1])
        session.confirm(tickets[2])
        #expect(session.handled == 0, "the first one isn't safe")
        session.confirm(tickets[0])
        #expect(session.handled == 3)
        session.confirm(tickets[0])
        session.confirm(tickets[2])
        #expect(session.handled == 3, "confirming twice counts once")
        session.confirm(tickets[3])
        #expect(session.handled == 4)
    }

    @Test func inboundCountWraps() throws {
        var session = try resumed(handled: .max - 1)
        for _ in 0..<3 { session.confirm(session.receive()) }
        #expect(session.handled == 1)
    }

    @Test func ticketsOfAnotherSessionDoNotCount() throws {
        var old = try session()
        let ticket = old.receive()
        var new = StreamManagement(address: try #require(Self.address), session: 8, limits: .init())
        _ = new.receive()
        new.confirm(ticket)
        #expect(new.handled == 0)
    }

    @Test func whatAQuestionWasAboutIsReportedOnceItIsSafe() throws {
        var session = try session()
        let one = session.receive()
        let two = session.receive()
        #expect(session.asked() == 0)
        let three = session.receive()
        let (first, second, third) = (session.settle(one), session.settle(two), session.settle(three))
        #expect(!first)
        #expect(second)
        #expect(!third, "nobody asked about this one")
        #expect(session.asked() == 3)
    }

    @Test func memoryIsBounded() throws {
        var session = try session(.init(stanzas: 2, bytes: 10))
        let alone = session.hasRoom(for: 100)
        #expect(alone, "one stanza must always be possible")
        _ = session.sent(stanza(1, "12345"))
        #expect(session.hasRoom(for: 5))
        #expect(!session.hasRoom(for: 6))
        _ = session.sent(stanza(2, "12345"))
        #expect(!session.hasRoom(for: 0))
        _ = try session.acknowledged(1)
        #expect(session.hasRoom(for: 5))
    }

    @Test func resumeTellsWhatToSendAgain() throws {
        var session = try session()
        session.enabled(id: "x", location: "h:1")
        for token in 1...3 { _ = session.sent(stanza(UInt64(token), "<m\(token)/>")) }
        #expect(session.resuming() == 0)
        #expect(try session.resumed(2) == [1, 2])
        #expect(session.outstanding == [stanza(3, "<m3/>")])
        #expect(session.record?.location == "h:1")
        #expect(throws: StreamManagement.CountTooHigh.self) { try session.resumed(4) }
    }

    @Test func whatWasNotSafeComesAgainUnderItsOldNumber() throws {
        var session = try session()
        let old = (0..<3).map { _ in session.receive() }
        session.confirm(old[0])
        #expect(session.resuming() == 1)
        // Safe after all, while the connection is being made; the server doesn't know and sends it again.
        session.confirm(old[1])
        _ = try session.resumed(0)
        let again = session.receive()
        #expect(again == old[1])
        session.confirm(again)
        #expect(session.handled == 2)
        session.confirm(session.receive())
        #expect(session.handled == 3)
        session.confirm(session.receive())
        #expect(session.handled == 4)
    }

    @Test("R12: another process begins at the server's count") func unknownOutboundCount() throws {
        var session = try resumed(handled: 5)
        #expect(session.handled == 5)
        #expect(session.resuming() == 5)
        #expect(try session.resumed(17) == [])
        _ = session.sent(stanza(1))
        #expect(try session.acknowledged(18).tokens == [1])
    }

    @Test("R10: the count of a failed resume is used") func failedResume() throws {
        var session = try session()
        for token in 1...3 { _ = session.sent(stanza(UInt64(token))) }
        #expect(session.failed(nil) == [])
        #expect(session.failed(2) == [1, 2])
        #expect(session.outstanding.map(\.token) == [3])
        #expect(session.failed(99) == [], "a count that can't be proves nothing")
        #expect(session.outstanding.map(\.token) == [3])
    }
}
