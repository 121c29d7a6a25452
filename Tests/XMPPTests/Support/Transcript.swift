import Testing
import XML

@testable import XMPP

/// A client stream with a server that a test writes by hand: each step says what happens and what must follow, word for word.
struct Transcript {
    static let account = "bot@example.org"
    static let plainHeader =
        "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
        + "version='1.0' xml:lang='en' to='example.org'>"
    static let header = String(plainHeader.dropLast()) + " from='bot@example.org'>"
    static let end = "</stream:stream>"

    var stream: ClientStream
    var server: ScramServer
    /// What came by ``ClientStream/Action/derive(_:)`` last.
    private(set) var request: SCRAMKeyRequest?
    /// What came by ``ClientStream/Action/ended(_:)``.
    private(set) var outcome: ClientStream.End?
    private(set) var bound: ClientStream.Bound?
    private(set) var tickets: [StreamManagement.Ticket] = []
    /// What came by ``ClientStream/Action/record(_:_:)``.
    private(set) var records: [(record: ResumptionRecord, mark: StreamManagement.Mark)] = []

    init(_ server: ScramServer = ScramServer(.sha1), configure: (inout ClientStream.Configuration) -> Void = { _ in }) throws {
        let account = try #require(Address(Self.account))
        var configuration = ClientStream.Configuration(account: account, password: Password("pencil"), security: .startTLS)
        configure(&configuration)
        stream = ClientStream(configuration) { Array(repeating: 0xAB, count: $0) }
        self.server = server
    }

    /// Lets something happen; returns what follows, as text.
    mutating func callAsFunction(_ event: ClientStream.Event) -> [String] {
        stream.handle(event).map { note($0) }
    }

    /// The server sends an element in the client namespace.
    mutating func receive(_ text: String) throws -> [String] {
        self(.element(try stanza(text)))
    }

    /// The server opens a stream and offers features.
    mutating func open(_ features: String, from: String? = "example.org", version: String? = "1.0") throws -> [String] {
        let header = Element("stream", Namespace.streams, ["from": from, "version": version, "id": "s1"])
        let opened = self(.opened(header))
        #expect(opened == [])
        return try receive("<features xmlns='http://etherx.jabber.org/streams'>\(features)</features>")
    }

    private mutating func note(_ action: ClientStream.Action) -> String {
        switch action {
        case .write(let text): return text
        case .startTLS: return "startTLS"
        case .restartParser: return "restartParser"
        case .derive(let request):
            self.request = request
            return "derive"
        case .pin(let pins): return "pin scram=\(pins.scram) binding=\(pins.channelBinding) unlistedFails=\(pins.unlistedBindingFails)"
        case .warn: return "warn"
        case .online(let bound):
            self.bound = bound
            return "online \(bound.address)"
        case .resumed(let bound):
            self.bound = bound
            return "resumed \(bound.address)"
        case .stanza(let element, let ticket):
            if let ticket { tickets.append(ticket) }
            return "stanza \(element.local) \(element["id"] ?? "-")\(ticket == nil ? " uncounted" : "")"
        case .acknowledged(let tokens): return "acknowledged \(tokens)"
        case .linkAlive: return "alive"
        case .record(let record, let mark):
            records.append((record, mark))
            return "record \(record.id) h=\(record.handled)"
        case .refused(let token, let error): return "refused \(token) \(error.code == .tooBig ? "tooBig" : "offline")"
        case .ended(let end):
            outcome = end
            return "ended \(end.failure.code)"
        case .closeTransport: return "closeTransport"
        }
    }
}

/// Pieces of what a server offers.
enum Offer {
    static let startTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
    static let session = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/>"

    static func login(_ mechanisms: String..., bindings: [String]? = nil) -> String {
        let list = bindings.map {
            "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>" + $0.map { "<channel-binding type='\($0)'/>" }.joined()
                + "</sasl-channel-binding>"
        }
        return "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + mechanisms.map { "<mechanism>\($0)</mechanism>" }.joined()
            + "</mechanisms>" + (list ?? "")
    }
}

extension Transcript {
    static let sasl = "urn:ietf:params:xml:ns:xmpp-sasl"

    static func data(_ text: String) -> String { Base64.encode(Array(text.utf8)) }

    /// From the connection to `<auth/>`; returns the client's first message, decoded, behind the name of the mechanism.
    mutating func login(_ offer: String, bindings: [ChannelBinding] = []) throws -> [String] {
        #expect(self(.connected) == [Self.plainHeader])
        #expect(try open(Offer.startTLS) == ["<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"])
        #expect(try receive("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>") == ["startTLS"])
        #expect(self(.secured(bindings)) == ["restartParser", Self.header])
        return try open(offer).map(Self.readable)
    }

    /// `<auth/>` and `<response/>` with their content decoded.
    static func readable(_ text: String) -> String {
        guard let element = try? xml(text), element.namespace == sasl, let bytes = Base64.decode(element.text) else { return text }
        let content = String(decoding: bytes, as: UTF8.self)
        return element.local + (element["mechanism"].map { " " + $0 } ?? "") + (content.isEmpty ? "" : " " + content)
    }

    mutating func challenge(_ text: String) throws -> [String] {
        try receive("<challenge xmlns='\(Self.sasl)'>\(Self.data(text))</challenge>").map(Self.readable)
    }

    mutating func success(_ text: String) throws -> [String] {
        try receive("<success xmlns='\(Self.sasl)'>\(Self.data(text))</success>")
    }

    mutating func failure(_ condition: String) throws -> [String] {
        try receive("<failure xmlns='\(Self.sasl)'><\(condition)/></failure>").map(Self.readable)
    }

    /// The client derives its keys; returns its final message.
    mutating func derive() throws -> String {
        let keys = try #require(request).derive()
        let written = self(.derived(keys)).map(Self.readable)
        #expect(written.count == 1)
        return String(try #require(written.first).dropFirst("response ".count))
    }

    /// The rest of a SCRAM login after `<auth/>`; returns what follows `<success/>`.
    mutating func finish(_ auth: String, boundTo binding: [UInt8] = []) throws -> [String] {
        let first = String(try #require(auth.split(separator: " ", maxSplits: 2).last))
        #expect(try challenge(server.first(answering: first)) == ["derive"])
        let final = try derive()
        let answer = try #require(server.final(answering: final, boundTo: binding), "the proof is wrong")
        return try success(answer)
    }

    /// From the connection to a session with stream management.
    static func online(configure: (inout ClientStream.Configuration) -> Void = { _ in }) throws -> Transcript {
        var stream = try Transcript(configure: configure)
        try stream.goOnline()
        return stream
    }

    mutating func goOnline() throws {
        try goAuthenticated()
        let bind = try open(Offer.session)
        #expect(bind == ["<iq id='bind-abababababababab' type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"])
        #expect(try receive(Self.boundAnswer) == ["<enable xmlns='urn:xmpp:sm:3' resume='true'/>"])
        #expect(try receive("<enabled xmlns='urn:xmpp:sm:3' id='sm1' resume='true'/>") == ["online bot@example.org/r1"])
    }

    mutating func goAuthenticated() throws {
        let auth = try login(Offer.login("SCRAM-SHA-1"))
        let rest = try finish(try #require(auth.first))
        #expect(rest == ["pin scram=true binding=false unlistedFails=false", "restartParser", Self.header])
    }

    static let boundAnswer =
        "<iq type='result' id='bind-abababababababab'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
        + "<jid>bot@example.org/r1</jid></bind></iq>"
}
