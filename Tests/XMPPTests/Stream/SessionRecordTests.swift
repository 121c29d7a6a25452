import Testing
import XML

@testable import XMPP

/// R12: the count that the server is told is on disk before.
@Suite struct SessionRecordTests {
    private static let r = ClientStreamSessionTests.r
    private static func a(_ h: Int) -> String { ClientStreamSessionTests.a(h) }

    /// A session whose first record is stored.
    private func online() throws -> Transcript {
        var stream = try Transcript { $0.recordsSessions = true }
        try stream.goAuthenticated()
        _ = try stream.open(Offer.session)
        _ = try stream.receive(Transcript.boundAnswer)
        #expect(
            try stream.receive("<enabled xmlns='urn:xmpp:sm:3' id='sm1' location='h:1' resume='true'/>")
                == ["online bot@example.org/r1", "record sm1 h=0"]
        )
        #expect(stream(.recorded(try #require(stream.records.last).mark, true)) == [])
        #expect(stream.records[0].record.location == "h:1" && stream.records[0].record.address == Address("bot@example.org/r1"))
        return stream
    }

    @Test("The count of a message comes to disk with the message, and <a/> follows the commit") func messages() throws {
        var stream = try online()
        _ = try stream.receive("<message id='x'/>")
        _ = try stream.receive("<message id='y'/>")
        let record = try #require(stream.stream.session?.record(with: stream.tickets[1]))
        #expect(record.handled == 2 && record.id == "sm1")
        #expect(try stream.receive(Self.r) == [Self.a(0)])
        // One batch: the record that it holds is the last message's.
        #expect(stream(.handled(stream.tickets[0])) == [], "safe, but no record says so")
        #expect(stream(.handled(stream.tickets[1], recorded: true)) == [Self.a(2)])
        #expect(try stream.receive(Self.r) == [Self.a(2)])
    }

    @Test("Presence and requests are stored when the server asks, once at a time") func others() throws {
        var stream = try online()
        _ = try stream.receive("<presence id='p'/>")
        #expect(stream(.handled(stream.tickets[0])) == [])
        #expect(try stream.receive(Self.r) == [Self.a(0), "record sm1 h=1"])
        _ = try stream.receive("<presence id='q'/>")
        #expect(stream(.handled(stream.tickets[1])) == [])
        #expect(try stream.receive(Self.r) == [Self.a(0)], "one is being stored")
        #expect(stream(.recorded(stream.records[1].mark, true)) == ["record sm1 h=2"])
        #expect(stream(.recorded(stream.records[2].mark, true)) == [Self.a(2)])
        #expect(try stream.receive(Self.r) == [Self.a(2)])
    }

    @Test("A message that its account stored without the record") func processedOnly() throws {
        var stream = try online()
        _ = try stream.receive("<message id='x'/>")
        #expect(try stream.receive(Self.r) == [Self.a(0)], "not safe: nothing to store")
        #expect(stream(.handled(stream.tickets[0])) == ["record sm1 h=1"])
        #expect(stream(.recorded(stream.records[1].mark, true)) == [Self.a(1)])
    }

    @Test("Over a gap no record counts") func gap() throws {
        var stream = try online()
        _ = try stream.receive("<message id='x'/>")
        _ = try stream.receive("<message id='y'/>")
        _ = stream(.handled(stream.tickets[1], recorded: true))
        #expect(try stream.receive(Self.r) == [Self.a(0)])
        #expect(stream(.handled(stream.tickets[0], recorded: true)) == ["record sm1 h=2"])
    }

    @Test("What can't be stored isn't told, and the next question is the next attempt") func failure() throws {
        var stream = try online()
        _ = try stream.receive("<presence/>")
        _ = stream(.handled(stream.tickets[0]))
        _ = try stream.receive(Self.r)
        #expect(stream(.recorded(stream.records[1].mark, false)) == [])
        #expect(try stream.receive(Self.r) == [Self.a(0), "record sm1 h=1"])
        #expect(stream(.recorded(stream.records[2].mark, true)) == [Self.a(1)])
    }

    @Test("A resume tells what is on disk; what comes again has the same number") func resume() throws {
        var old = try online()
        _ = try old.receive("<message id='x'/>")
        _ = try old.receive("<message id='y'/>")
        _ = old(.handled(old.tickets[0], recorded: true))
        _ = old(.handled(old.tickets[1]))
        _ = old(.disconnected(reason: nil))
        var session = try #require(old.outcome?.resumption)
        #expect(session.handled == 1)
        // A record that was being stored when the connection was lost.
        session.recorded(StreamManagement.Mark(session: .max, number: 2), true)
        #expect(session.handled == 1, "another session's")

        var stream = try Transcript {
            $0.resumption = session
            $0.recordsSessions = true
        }
        try stream.goAuthenticated()
        #expect(try stream.open(Offer.session) == [ClientStreamSessionTests.resume(1)])
        _ = try stream.receive("<resumed xmlns='urn:xmpp:sm:3' h='0' previd='sm1'/>")
        _ = try stream.receive("<message id='y'/>")
        #expect(stream.stream.session?.record(with: stream.tickets[0])?.handled == 2)
        #expect(stream(.handled(stream.tickets[0], recorded: true)) == [])
        #expect(try stream.receive(Self.r) == [Self.a(2)])
    }

    @Test("The next process begins where the record says, and counts what it sends from <resumed/>") func nextProcess() throws {
        var old = try online()
        _ = try old.receive("<message id='x'/>")
        let record = try #require(old.stream.session?.record(with: old.tickets[0]))

        var stream = try Transcript {
            $0.resumption = StreamManagement(resuming: record, session: 99, isRecorded: true)
            $0.recordsSessions = true
        }
        try stream.goAuthenticated()
        #expect(try stream.open(Offer.session) == [ClientStreamSessionTests.resume(1)])
        #expect(try stream.receive("<resumed xmlns='urn:xmpp:sm:3' h='12' previd='sm1'/>") == ["resumed bot@example.org/r1"])
        #expect(stream(.send(Element("message", Namespace.client), token: 1)) == ["<message/>", Self.r])
        #expect(try stream.receive(Self.a(13)) == ["alive", "acknowledged [1]"])
        _ = try stream.receive("<message id='y'/>")
        #expect(stream.stream.session?.record(with: stream.tickets[0])?.handled == 2)
        #expect(stream.stream.session?.record(with: old.tickets[0]) == nil, "a ticket of another process")
    }

    @Test("The presence that stands is remembered by its capabilities") func capabilities() throws {
        var stream = try online()
        let capabilities = try #require(Capabilities(DiscoInfo(identities: [], features: []), node: "urn:n"))
        _ = stream(.send(OutboundStanza.presence(Presence(.available)).element(capabilities: capabilities), token: nil))
        #expect(stream.stream.session?.record?.capabilities == capabilities.version)
        let peer = try #require(Address("a@x"))
        _ = stream(.send(OutboundStanza.presence(Presence(.subscribe(peer))).element(), token: nil))
        #expect(stream.stream.session?.record?.capabilities == capabilities.version)
        _ = stream(.send(OutboundStanza.presence(Presence(.unavailable)).element(), token: nil))
        #expect(stream.stream.session?.record?.capabilities == nil)
    }

    @Test("Closed in order, the last word is what is safe") func closing() throws {
        var stream = try online()
        _ = try stream.receive("<message id='x'/>")
        _ = stream(.handled(stream.tickets[0]))
        #expect(stream(.close) == [Self.a(1), Transcript.end])
        #expect(stream(.closed) == ["ended stopped", "closeTransport"])
        #expect(stream.outcome?.resumption == nil)
    }

    @Test("Nothing to remember where the server won't resume, or nobody wants to") func notRemembered() throws {
        var stream = try Transcript { $0.recordsSessions = true }
        try stream.goAuthenticated()
        _ = try stream.open(Offer.session)
        _ = try stream.receive(Transcript.boundAnswer)
        #expect(try stream.receive("<enabled xmlns='urn:xmpp:sm:3'/>") == ["online bot@example.org/r1"])
        _ = try stream.receive("<message id='x'/>")
        #expect(stream.stream.session?.record(with: stream.tickets[0]) == nil)
        _ = stream(.handled(stream.tickets[0]))
        #expect(try stream.receive(Self.r) == [Self.a(1)])

        var other = try Transcript.online()
        _ = try other.receive("<presence/>")
        _ = other(.handled(other.tickets[0]))
        #expect(try other.receive(Self.r) == [Self.a(1)])
    }

    @Test func olderCounts() throws {
        let address = try #require(Address("bot@x/r"))
        func record(_ id: String, _ h: UInt32) -> ResumptionRecord { ResumptionRecord(id: id, address: address, handled: h) }
        #expect(record("a", 1).isBehind(record("a", 2)))
        #expect(!record("a", 2).isBehind(record("a", 2)) && !record("a", 3).isBehind(record("a", 2)))
        #expect(!record("b", 1).isBehind(record("a", 2)))
        #expect(record("a", .max).isBehind(record("a", 1)) && !record("a", 1).isBehind(record("a", .max)))
    }
}
