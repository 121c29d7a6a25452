import Testing
import XML

@testable import XMPP

@Suite struct ClientStreamNegotiationTests {
    @Test func fromConnectionToSession() throws {
        let stream = try Transcript.online()
        #expect(stream.stream.isOnline)
        #expect(stream.bound?.acknowledges == true)
        #expect(stream.bound?.resumption?.id == "sm1")
        #expect(stream.bound?.lost.isEmpty == true)
    }

    @Test func directTLS() throws {
        var stream = try Transcript { $0.security = .directTLS }
        #expect(stream(.connected) == [], "nothing is written before TLS")
        #expect(stream(.secured([])) == ["restartParser", Transcript.header])
        #expect(try stream.open(Offer.login("SCRAM-SHA-1")).map(Transcript.readable) == ["auth SCRAM-SHA-1 n,,n=bot,r=\(Self.nonce)"])
    }

    static let nonce = Base64.encode([UInt8](repeating: 0xAB, count: 24))

    @Test func nothingWithoutStartTLS() throws {
        var stream = try Transcript { $0.allowPlain = true }
        _ = stream(.connected)
        #expect(try stream.open(Offer.login("PLAIN", "SCRAM-SHA-1")) == [Transcript.end, "ended tls", "closeTransport"])
        #expect(stream.outcome?.failure.message.contains("STARTTLS") == true)
    }

    @Test func startTLSRefused() throws {
        var stream = try Transcript()
        _ = stream(.connected)
        _ = try stream.open(Offer.startTLS)
        #expect(
            try stream.receive("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>") == [Transcript.end, "ended tls", "closeTransport"]
        )
    }

    @Test func whatComesBetweenProceedAndTLSIsIgnored() throws {
        var stream = try Transcript()
        _ = stream(.connected)
        _ = try stream.open(Offer.startTLS)
        #expect(try stream.receive("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>") == ["startTLS"])
        let header = Element("stream", Namespace.streams, ["from": "example.org", "version": "1.0"])
        #expect(stream(.opened(header)) == [])
        let injected = "<features xmlns='http://etherx.jabber.org/streams'>\(Offer.login("PLAIN"))</features>"
        #expect(try stream.receive(injected) == [])
        #expect(stream(.unparsable(condition: "not-well-formed", reason: "rubbish")) == [])
        #expect(stream(.secured([])) == ["restartParser", Transcript.header])
    }

    @Test func tlsOutOfOrder() throws {
        var stream = try Transcript()
        #expect(stream(.secured([])) == [], "STARTTLS wasn't negotiated")
        #expect(stream(.connected) == [Transcript.plainHeader])
        #expect(stream(.secured([])) == [])
        #expect(stream(.connected) == [], "one value serves one connection")
    }

    @Test(arguments: [
        ("example.com", "1.0", "invalid-from"), ("bot@example.org", "1.0", "invalid-from"), ("", "1.0", "invalid-from"),
        ("example.org", nil, "unsupported-version"), ("example.org", "0.9", "unsupported-version"),
        ("example.org", "x", "unsupported-version"),
    ])
    func badHeaders(_ from: String, _ version: String?, _ condition: String) throws {
        var stream = try Transcript()
        _ = stream(.connected)
        let actions = try stream.open(Offer.startTLS, from: from, version: version)
        #expect(actions.count == 4)
        #expect(actions[0].hasPrefix("<stream:error><\(condition) xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"))
        #expect(actions[1...] == [Transcript.end, "ended protocol", "closeTransport"])
    }

    @Test(arguments: [("EXAMPLE.org.", "1.1"), (nil, "1.0")] as [(String?, String)])
    func goodHeaders(_ from: String?, _ version: String) throws {
        var stream = try Transcript()
        _ = stream(.connected)
        #expect(try stream.open(Offer.startTLS, from: from, version: version) == ["<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"])
    }

    @Test func wrongRoot() throws {
        var stream = try Transcript()
        _ = stream(.connected)
        #expect(stream(.opened(Element("html", "", ["version": "1.0"]))) == [])
        let actions = try stream.receive("<features xmlns='http://etherx.jabber.org/streams'/>")
        #expect(actions.first?.hasPrefix("<stream:error><invalid-namespace") == true)
    }

    @Test func aStreamErrorExplainsABadHeader() throws {
        var stream = try Transcript()
        _ = stream(.connected)
        #expect(stream(.opened(Element("stream", Namespace.streams, ["from": "", "version": "1.0"]))) == [])
        let actions = try stream.receive(
            "<error xmlns='http://etherx.jabber.org/streams'><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>"
        )
        #expect(actions == ["ended server", "closeTransport"])
        #expect(stream.outcome?.error?.condition == "host-unknown")
    }

    @Test func secondHeader() throws {
        var stream = try Transcript()
        _ = stream(.connected)
        let header = Element("stream", Namespace.streams, ["from": "example.org", "version": "1.0"])
        _ = stream(.opened(header))
        #expect(stream(.opened(header)).first?.hasPrefix("<stream:error><policy-violation") == true)
    }

    @Test(arguments: [
        "<message/>", "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
    ])
    func elementsOutOfOrder(_ element: String) throws {
        var stream = try Transcript()
        _ = stream(.connected)
        _ = stream(.opened(Element("stream", Namespace.streams, ["from": "example.org", "version": "1.0"])))
        let actions = try stream.receive(element)
        #expect(actions.first?.hasPrefix("<stream:error><unsupported-stanza-type") == true)
        #expect(actions.suffix(2) == ["ended protocol", "closeTransport"])
        #expect(try stream.receive(element) == [], "after the end nothing follows")
    }

    @Test func noBinding() throws {
        var stream = try Transcript()
        try stream.goAuthenticated()
        #expect(try stream.open("") == [Transcript.end, "ended protocol", "closeTransport"])
    }

    @Test func bindingWithAResourceAndWithoutStreamManagement() throws {
        var stream = try Transcript { $0.resource = "r<1" }
        try stream.goAuthenticated()
        #expect(
            try stream.open("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>") == [
                "<iq id='bind-abababababababab' type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r&lt;1</resource></bind></iq>"
            ]
        )
        #expect(try stream.receive(Transcript.boundAnswer) == ["online bot@example.org/r1"])
        #expect(stream.bound?.acknowledges == false)
        #expect(stream.bound?.resumption == nil)
        #expect(stream(.send(Element("message", Namespace.client), token: 1)) == ["<message/>"])
        #expect(stream(.checkLink) == [])
        #expect(try stream.receive("<message id='m1'/>") == ["stanza message m1 uncounted"])
        #expect(try stream.receive("<r xmlns='urn:xmpp:sm:3'/>").first?.hasPrefix("<stream:error><unsupported-stanza-type") == true)
    }

    @Test(arguments: [
        "<jid>mallory@example.org/r1</jid>", "<jid>bot@example.com/r1</jid>", "<jid>bot@example.org</jid>", "<jid>/</jid>", "",
    ])
    func boundToTheWrongAddress(_ jid: String) throws {
        var stream = try Transcript()
        try stream.goAuthenticated()
        _ = try stream.open(Offer.session)
        let answer = "<iq type='result' id='bind-abababababababab'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\(jid)</bind></iq>"
        #expect(try stream.receive(answer) == [Transcript.end, "ended protocol", "closeTransport"])
    }

    @Test(arguments: [("conflict", "conflict"), ("resource-constraint", "server"), ("not-allowed", "server")])
    func bindingRefused(_ condition: String, _ code: String) throws {
        var stream = try Transcript()
        try stream.goAuthenticated()
        _ = try stream.open(Offer.session)
        let answer =
            "<iq type='error' id='bind-abababababababab'><error type='cancel'><\(condition) xmlns='\(Namespace.stanzaErrors)'/></error></iq>"
        #expect(try stream.receive(answer) == [Transcript.end, "ended \(code)", "closeTransport"])
    }

    @Test func stanzasBeforeTheSessionIsReady() throws {
        var stream = try Transcript()
        try stream.goAuthenticated()
        _ = try stream.open(Offer.session)
        // An answer to another request is not ours.
        #expect(try stream.receive("<iq type='result' id='other'/>") == [])
        _ = try stream.receive(Transcript.boundAnswer)
        #expect(try stream.receive("<message id='m1'/>") == [])
        #expect(
            try stream.receive("<enabled xmlns='urn:xmpp:sm:3'/>") == [
                "online bot@example.org/r1", "stanza iq other uncounted", "stanza message m1 uncounted",
            ]
        )
        #expect(stream.bound?.acknowledges == true)
        #expect(stream.bound?.resumption == nil, "the server didn't say that it may be resumed")
    }

    @Test func tooManyStanzasBeforeTheSessionIsReady() throws {
        var stream = try Transcript()
        try stream.goAuthenticated()
        _ = try stream.open(Offer.session)
        for _ in 0..<64 { #expect(try stream.receive("<message/>") == []) }
        #expect(try stream.receive("<message/>").first?.hasPrefix("<stream:error><policy-violation") == true)
    }

    @Test func streamManagementRefused() throws {
        var stream = try Transcript()
        try stream.goAuthenticated()
        _ = try stream.open(Offer.session)
        _ = try stream.receive(Transcript.boundAnswer)
        let failed = "<failed xmlns='urn:xmpp:sm:3'><unexpected-request xmlns='\(Namespace.stanzaErrors)'/></failed>"
        #expect(try stream.receive(failed) == ["online bot@example.org/r1"])
        #expect(stream.bound?.acknowledges == false)
    }

    @Test func limitsOfTheSession() throws {
        var stream = try Transcript()
        try stream.goAuthenticated()
        _ = try stream.open(
            Offer.session + "<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>100</max-bytes><idle-seconds>60</idle-seconds></limits>"
        )
        _ = try stream.receive(Transcript.boundAnswer)
        _ = try stream.receive("<failed xmlns='urn:xmpp:sm:3'/>")
        #expect(stream.bound?.limits == StreamLimits(maxBytes: 100, idleSeconds: 60))
        let large = Element("message", Namespace.client, ["id": String(repeating: "x", count: 100)])
        #expect(stream(.send(large, token: 3)) == ["refused 3 tooBig"])
        #expect(stream(.send(large, token: nil)) == [])
    }
}
