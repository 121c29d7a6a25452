import Testing
import XML

@testable import XMPP

@Suite struct ClientStreamEndingTests {
    static func error(_ condition: String, _ detail: String = "") -> String {
        "<error xmlns='http://etherx.jabber.org/streams'><\(condition) xmlns='urn:ietf:params:xml:ns:xmpp-streams'>\(detail)</\(condition)></error>"
    }

    @Test func closingHandshake() throws {
        var stream = try Transcript.online()
        _ = try stream.receive("<message id='x'/>")
        _ = stream(.handled(stream.tickets[0]))
        #expect(stream(.close) == ["<a xmlns='urn:xmpp:sm:3' h='1'/>", Transcript.end])
        #expect(stream(.close) == [])
        // What was on its way is still taken in, and acknowledgements count; but nothing more is written.
        #expect(try stream.receive("<message id='y'/>") == ["stanza message y"])
        #expect(try stream.receive("<r xmlns='urn:xmpp:sm:3'/>") == [])
        #expect(stream(.handled(stream.tickets[1])) == [])
        #expect(stream(.send(Element("message", Namespace.client), token: 1)) == ["refused 1 offline"])
        #expect(stream(.closed) == ["ended stopped", "closeTransport"])
        #expect(stream.outcome?.resumption == nil, "R12: the end tag revokes the session")
    }

    @Test func acknowledgedWhileClosing() throws {
        var stream = try Transcript.online()
        _ = stream(.send(Element("message", Namespace.client), token: 1))
        _ = stream(.close)
        #expect(try stream.receive("<a xmlns='urn:xmpp:sm:3' h='1'/>") == ["alive", "acknowledged [1]"])
        _ = stream(.closed)
        #expect(stream.outcome?.lost.isEmpty == true)
    }

    @Test func serverThatDoesNotAnswerTheEndTag() throws {
        for event in [ClientStream.Event.timedOut, .disconnected(reason: nil), .unparsable(condition: "not-well-formed", reason: "cut")] {
            var stream = try Transcript.online()
            _ = stream(.send(Element("message", Namespace.client), token: 1))
            _ = stream(.close)
            #expect(stream(event) == ["ended stopped", "closeTransport"])
            #expect(stream.outcome?.lost.map(\.token) == [1])
        }
    }

    @Test func closingBeforeTheSession() throws {
        var stream = try Transcript()
        #expect(stream(.close) == ["ended stopped", "closeTransport"])
        stream = try Transcript()
        _ = stream(.connected)
        #expect(stream(.close) == [Transcript.end, "ended stopped", "closeTransport"])
        stream = try Transcript()
        _ = stream(.connected)
        _ = try stream.open(Offer.startTLS)
        _ = try stream.receive("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        #expect(stream(.close) == ["ended stopped", "closeTransport"], "no text into a TLS handshake")
    }

    @Test func serverCloses() throws {
        var stream = try Transcript.online()
        #expect(stream(.closed) == [Transcript.end, "ended server", "closeTransport"])
        #expect(stream(.closed) == [])
        #expect(stream(.disconnected(reason: nil)) == [])
    }

    @Test(arguments: [
        ("conflict", "conflict"), ("system-shutdown", "server"), ("reset", "server"), ("resource-constraint", "server"),
        ("connection-timeout", "server"),
        ("not-authorized", "login"), ("policy-violation", "policy"), ("not-well-formed", "protocol"), ("something-new", "protocol"),
    ])
    func serverErrors(_ condition: String, _ code: String) throws {
        var stream = try Transcript.online()
        #expect(try stream.receive(Self.error(condition)) == ["ended \(code)", "closeTransport"])
        #expect(stream.outcome?.error?.condition == condition)
        // Whoever took our place has our session; and what was too big would only come again (R11).
        #expect((stream.outcome?.resumption != nil) == !["conflict", "policy-violation"].contains(condition))
    }

    @Test func redirection() throws {
        var stream = try Transcript()
        _ = stream(.connected)
        _ = stream(.opened(Element("stream", Namespace.streams, ["from": "example.org", "version": "1.0"])))
        #expect(try stream.receive(Self.error("see-other-host", "[2001:db8::1]:5223")) == ["ended server", "closeTransport"])
        #expect(stream.outcome?.redirect == "[2001:db8::1]:5223")
    }

    @Test func otherErrorsDoNotRedirect() throws {
        var stream = try Transcript.online()
        _ = try stream.receive(Self.error("gone", "evil.example"))
        #expect(stream.outcome?.redirect == nil)
    }

    @Test func refusedXML() throws {
        var stream = try Transcript.online()
        let error = ParseError(.restricted, "a comment", offset: 7)
        #expect(
            stream(.unparsable(error)) == [
                "<stream:error><restricted-xml xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>", Transcript.end,
                "ended protocol",
                "closeTransport",
            ]
        )
        #expect(stream.outcome?.resumption == nil)
    }

    @Test func silenceWhileLoggingIn() throws {
        var stream = try Transcript()
        _ = try stream.login(Offer.login("SCRAM-SHA-1"))
        #expect(stream(.timedOut) == ["ended network", "closeTransport"])
    }

    @Test func lossWithoutResumptionHandsBackWhatIsOutstanding() throws {
        var stream = try Transcript()
        try stream.goAuthenticated()
        _ = try stream.open(Offer.session)
        _ = try stream.receive(Transcript.boundAnswer)
        _ = try stream.receive("<enabled xmlns='urn:xmpp:sm:3'/>")
        _ = stream(.send(Element("message", Namespace.client), token: 5))
        #expect(stream(.disconnected(reason: nil)) == ["ended network", "closeTransport"])
        #expect(stream.outcome?.resumption == nil)
        #expect(stream.outcome?.lost.map(\.token) == [5])
    }

    @Test func nothingFollowsTheEnd() throws {
        var stream = try Transcript.online()
        _ = stream(.disconnected(reason: nil))
        for event in [ClientStream.Event.connected, .secured([]), .closed, .timedOut, .checkLink, .close] { #expect(stream(event) == []) }
    }
}
