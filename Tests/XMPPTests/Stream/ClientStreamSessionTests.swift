import Testing
import XML

@testable import XMPP

@Suite struct ClientStreamSessionTests {
    static let r = "<r xmlns='urn:xmpp:sm:3'/>"
    static func a(_ h: Int) -> String { "<a xmlns='urn:xmpp:sm:3' h='\(h)'/>" }
    static func message(_ id: String) -> Element { Element("message", Namespace.client, ["id": id]) }
    static func resume(_ h: Int) -> String { "<resume xmlns='urn:xmpp:sm:3' h='\(h)' previd='sm1'/>" }

    @Test func stanzasAreCountedBothWays() throws {
        var stream = try Transcript.online()
        #expect(stream(.send(Self.message("a"), token: 1)) == ["<message id='a'/>", Self.r])
        #expect(stream(.send(Self.message("b"), token: nil)) == ["<message id='b'/>"])
        #expect(try stream.receive(Self.a(1)) == ["alive", "acknowledged [1]", Self.r])
        #expect(try stream.receive(Self.a(2)) == ["alive"])

        #expect(try stream.receive("<message id='x'/>") == ["stanza message x"])
        #expect(try stream.receive("<iq id='y' type='get'/>") == ["stanza iq y"])
        #expect(try stream.receive(Self.r) == [Self.a(0)], "neither is safe yet")
        #expect(stream(.handled(stream.tickets[1])) == [])
        #expect(stream(.handled(stream.tickets[0])) == [Self.a(2)], "what the server asked about is safe now")
        #expect(try stream.receive(Self.r) == [Self.a(2)])
    }

    @Test func linkIsChecked() throws {
        var stream = try Transcript.online()
        #expect(stream(.checkLink) == [Self.r])
        #expect(stream(.checkLink) == [], "the question is on its way")
        #expect(try stream.receive(Self.a(0)) == ["alive"])
        #expect(stream(.checkLink) == [Self.r])
        #expect(stream(.timedOut) == ["ended network", "closeTransport"])
        #expect(stream.outcome?.resumption != nil)
    }

    @Test func acknowledgedWhatWasNeverSent() throws {
        var stream = try Transcript.online()
        _ = stream(.send(Self.message("a"), token: 1))
        let actions = try stream.receive(Self.a(2))
        #expect(
            actions == [
                "<stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
                    + "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>You acknowledged 2 stanzas, but I only sent you 1 so far.</text>"
                    + "<handled-count-too-high xmlns='urn:xmpp:sm:3'/></stream:error>",
                Transcript.end, "ended protocol", "closeTransport",
            ]
        )
        #expect(stream.outcome?.resumption == nil)
        #expect(stream.outcome?.lost.map(\.token) == [1])
    }

    @Test(arguments: ["<a xmlns='urn:xmpp:sm:3'/>", "<a xmlns='urn:xmpp:sm:3' h='-1'/>", "<a xmlns='urn:xmpp:sm:3' h='4294967296'/>"])
    func countsThatAreNone(_ element: String) throws {
        var stream = try Transcript.online()
        #expect(try stream.receive(element).first?.hasPrefix("<stream:error><undefined-condition") == true)
    }

    @Test(arguments: [
        "<thing/>", "<message xmlns='jabber:server'/>", "<enabled xmlns='urn:xmpp:sm:3'/>",
        "<resumed xmlns='urn:xmpp:sm:3' h='0' previd='sm1'/>",
        "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", "<features xmlns='http://etherx.jabber.org/streams'/>",
        "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    ])
    func unknownElements(_ element: String) throws {
        var stream = try Transcript.online()
        let actions = try stream.receive(element)
        #expect(actions.first?.hasPrefix("<stream:error><unsupported-stanza-type") == true)
        #expect(actions.suffix(2) == ["ended protocol", "closeTransport"])
    }

    @Test func sendingIsBounded() throws {
        var stream = try Transcript.online { $0.limits = .init(stanzas: 2, bytes: 1_000) }
        _ = stream(.send(Self.message("a"), token: 1))
        _ = stream(.send(Self.message("b"), token: 2))
        #expect(stream(.send(Self.message("c"), token: 3)) == ["refused 3 offline"])
        _ = try stream.receive(Self.a(1))
        #expect(stream(.send(Self.message("d"), token: 4)).first == "<message id='d'/>")
    }

    @Test func sendingBeforeAndAfter() throws {
        var stream = try Transcript()
        #expect(stream(.send(Self.message("a"), token: 1)) == ["refused 1 offline"])
        stream = try Transcript.online()
        _ = stream(.disconnected(reason: nil))
        #expect(stream(.send(Self.message("a"), token: 1)) == ["refused 1 offline"])
        #expect(stream(.send(Self.message("a"), token: nil)) == [])
    }

    @Test func resumption() throws {
        var old = try Transcript.online()
        _ = old(.send(Self.message("a"), token: 1))
        _ = old(.send(Self.message("b"), token: 2))
        _ = try old.receive("<message id='x'/>")
        _ = try old.receive("<message id='y'/>")
        _ = old(.handled(old.tickets[0]))
        #expect(old(.disconnected(reason: "reset")) == ["ended network", "closeTransport"])
        #expect(old.outcome?.lost.isEmpty == true)
        var session = try #require(old.outcome?.resumption)
        #expect(session.handled == 1)
        session.confirm(old.tickets[1])

        var stream = try Transcript { $0.resumption = session }
        try stream.goAuthenticated()
        #expect(try stream.open(Offer.session) == [Self.resume(2)])
        #expect(
            try stream.receive("<resumed xmlns='urn:xmpp:sm:3' h='1' previd='sm1'/>") == [
                "resumed bot@example.org/r1", "acknowledged [1]", "<message id='b'/>", Self.r,
            ]
        )
        #expect(stream.stream.isOnline)
        #expect(try stream.receive(Self.a(2)) == ["alive", "acknowledged [2]"])
        #expect(try stream.receive(Self.r) == [Self.a(2)])
    }

    @Test("R10: <failed h=…/> is used where it is present") func resumptionFails() throws {
        for (attribute, acknowledged, lost) in [("", [], [1, 2]), (" h='1'", ["acknowledged [1]"], [2])] as [(String, [String], [UInt64])] {
            var old = try Transcript.online()
            _ = old(.send(Self.message("a"), token: 1))
            _ = old(.send(Self.message("b"), token: 2))
            _ = old(.disconnected(reason: nil))

            var stream = try Transcript { $0.resumption = old.outcome?.resumption }
            try stream.goAuthenticated()
            _ = try stream.open(Offer.session)
            let failed = "<failed xmlns='urn:xmpp:sm:3'\(attribute)><item-not-found xmlns='\(Namespace.stanzaErrors)'/></failed>"
            let bind = "<iq id='bind-abababababababab' type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
            #expect(try stream.receive(failed) == acknowledged + [bind])
            _ = try stream.receive(Transcript.boundAnswer)
            _ = try stream.receive("<enabled xmlns='urn:xmpp:sm:3' id='sm2' resume='1'/>")
            #expect(stream.bound?.lost.compactMap(\.token) == lost)
            #expect(stream.bound?.resumption?.id == "sm2")
            #expect(try stream.receive(Self.r) == [Self.a(0)], "the new session counts from zero")
        }
    }

    @Test(arguments: [
        "<resumed xmlns='urn:xmpp:sm:3' h='0' previd='other'/>", "<resumed xmlns='urn:xmpp:sm:3' h='0'/>",
        "<resumed xmlns='urn:xmpp:sm:3' previd='sm1'/>", "<resumed xmlns='urn:xmpp:sm:3' h='x' previd='sm1'/>",
        "<resumed xmlns='urn:xmpp:sm:3' h='9' previd='sm1'/>", "<enabled xmlns='urn:xmpp:sm:3'/>", "<message/>",
    ])
    func resumptionThatDoesNotFit(_ answer: String) throws {
        var old = try Transcript.online()
        _ = old(.send(Self.message("a"), token: 1))
        _ = old(.disconnected(reason: nil))
        var stream = try Transcript { $0.resumption = old.outcome?.resumption }
        try stream.goAuthenticated()
        _ = try stream.open(Offer.session)
        #expect(try stream.receive(answer).suffix(3) == [Transcript.end, "ended protocol", "closeTransport"])
        #expect(stream.outcome?.lost.map(\.token) == [1])
    }

    @Test func resumptionIsNotOffered() throws {
        var old = try Transcript.online()
        _ = old(.send(Self.message("a"), token: 1))
        _ = old(.disconnected(reason: nil))
        var stream = try Transcript { $0.resumption = old.outcome?.resumption }
        try stream.goAuthenticated()
        _ = try stream.open("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>")
        _ = try stream.receive(Transcript.boundAnswer)
        #expect(stream.bound?.lost.map(\.token) == [1])
    }

    @Test func aLoginThatFailsLeavesTheSessionToTheNextConnection() throws {
        var old = try Transcript.online()
        _ = old(.send(Self.message("a"), token: 1))
        _ = old(.disconnected(reason: nil))
        var stream = try Transcript { $0.resumption = old.outcome?.resumption }
        _ = try stream.login(Offer.login("SCRAM-SHA-1"))
        _ = try stream.failure("temporary-auth-failure")
        #expect(stream.outcome?.resumption?.outstandingCount == 1)
        #expect(stream.outcome?.lost.isEmpty == true)
    }

    @Test("R12: another process goes on with what was stored") func resumptionByAnotherProcess() throws {
        var stream = try Transcript {
            guard let address = Address("bot@example.org/r1") else { return }
            let record = ResumptionRecord(id: "sm1", address: address, handled: 40)
            $0.resumption = StreamManagement(resuming: record, session: 99)
        }
        try stream.goAuthenticated()
        #expect(try stream.open(Offer.session) == [Self.resume(40)])
        #expect(try stream.receive("<resumed xmlns='urn:xmpp:sm:3' h='77' previd='sm1'/>") == ["resumed bot@example.org/r1"])
        #expect(stream(.send(Self.message("a"), token: 1)) == ["<message id='a'/>", Self.r])
        #expect(try stream.receive(Self.a(78)) == ["alive", "acknowledged [1]"])
        _ = try stream.receive("<message/>")
        _ = stream(.handled(stream.tickets[0]))
        #expect(stream.stream.session?.record?.handled == 41)
    }
}
