import Testing
import XML

@testable import XMPP

@Suite struct ArchiveTests {
    private static let own = "bot@example.org"

    private func catchUp(_ position: ArchivePosition = .after(id: "a1", fallback: 0), pageSize: Int = 2) throws -> ArchiveCatchUp {
        ArchiveCatchUp(account: try #require(Address(Self.own)), from: position, pageSize: pageSize, queryID: "q1")
    }

    /// A result as a server sends it.
    private func result(
        _ id: String?,
        from: String? = own,
        query: String? = "q1",
        stamp: String = "2026-01-02T03:04:05Z",
        inner: String = "<message xmlns='jabber:client' from='a@x/r' to='bot@example.org' id='m'><body>b</body></message>"
    ) throws -> Element {
        let from = from.map { " from='\($0)'" } ?? ""
        let attributes = (id.map { " id='\($0)'" } ?? "") + (query.map { " queryid='\($0)'" } ?? "")
        return try stanza(
            "<message\(from) to='bot@example.org/r'><result xmlns='urn:xmpp:mam:2'\(attributes)>"
                + "<forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='\(stamp)'/>\(inner)</forwarded></result></message>"
        )
    }

    private func fin(_ last: String?, _ attributes: String = "") throws -> Element {
        let set = last.map { "<first>f</first><last>\($0)</last>" } ?? ""
        return try xml("<fin xmlns='urn:xmpp:mam:2'\(attributes)><set xmlns='http://jabber.org/protocol/rsm'>\(set)</set></fin>")
    }

    private func text(_ step: ArchiveCatchUp.Step) -> String {
        switch step {
        case .ask(let request): request.element(id: "i").serialized(inheriting: Namespace.client)
        case .done(let outcome): "done last=\(outcome.last ?? "-") complete=\(outcome.isComplete) messages=\(outcome.messages)"
        case .failed(let error): "failed \(error.condition)"
        }
    }

    private func after(_ id: String) -> String {
        "<iq id='i' type='set'><query xmlns='urn:xmpp:mam:2' queryid='q1'><set xmlns='http://jabber.org/protocol/rsm'>"
            + "<max>2</max><after>\(id)</after></set></query></iq>"
    }

    private func since(_ time: String) -> String {
        "<iq id='i' type='set'><query xmlns='urn:xmpp:mam:2' queryid='q1'><x xmlns='jabber:x:data' type='submit'>"
            + "<field type='hidden' var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field>"
            + "<field var='start'><value>\(time)</value></field></x>"
            + "<set xmlns='http://jabber.org/protocol/rsm'><max>2</max></set></query></iq>"
    }

    @Test("Page by page to the end, each message with its id and stamp") func pages() throws {
        var reading = try catchUp()
        #expect(text(reading.start()) == after("a1"))
        guard case .message(let message, let id, let stamp) = reading.take(try result("a2")) else {
            Issue.record("not taken")
            return
        }
        #expect(id == "a2" && stamp == DateTime.seconds("2026-01-02T03:04:05Z"))
        #expect(message.from == Address("a@x/r") && message.id == "m")
        #expect(reading.take(try result("a3")).word == "message")
        #expect(text(reading.answered(.success(try fin("a3")))) == after("a3"))
        #expect(reading.take(try result("a4")).word == "message")
        #expect(text(reading.answered(.success(try fin("a4", " complete='true'")))) == "done last=a4 complete=true messages=3")
    }

    @Test("R6: the first start begins with a time") func fromATime() throws {
        var reading = try catchUp(.since(1_767_323_045))
        #expect(text(reading.start()) == since("2026-01-02T03:04:05Z"))
        #expect(text(reading.answered(.success(try fin(nil, " complete='true'")))) == "done last=- complete=true messages=0")
    }

    @Test("R6: a purged id falls back to a time, the last that is known") func purged() throws {
        var reading = try catchUp(.after(id: "gone", fallback: 1_767_323_045))
        _ = reading.start()
        let notFound = StanzaError("item-not-found", .cancel)
        #expect(text(reading.answered(.failure(notFound))) == since("2026-01-02T03:04:05Z"))
        #expect(reading.take(try result("a7", stamp: "2026-01-02T04:00:00Z")).word == "message")
        #expect(text(reading.answered(.success(try fin("a7")))) == after("a7"))
        // Purged while we read.
        #expect(text(reading.answered(.failure(notFound))) == since("2026-01-02T04:00:00Z"))
        guard case .done(let outcome) = reading.answered(.success(try fin("a9", " complete='1'"))) else {
            Issue.record("not done")
            return
        }
        #expect(outcome.fellBack && outcome.isStable && outcome.last == "a9")
        // A server that can't find a time either.
        var other = try catchUp(.since(0))
        _ = other.start()
        #expect(text(other.answered(.failure(notFound))) == "failed item-not-found")
    }

    @Test(
        "A22, A23: a result counts only from the account itself, under our query id, while we ask",
        arguments: [
            ("mallory@y", "q1"), ("mallory@y/r", "q1"), ("bot@example.org/other", "q1"), ("example.org", "q1"), ("@", "q1"),
            ("bot@example.org", "q2"), ("bot@example.org", nil),
        ]
    )
    func forged(from: String, query: String?) throws {
        var reading = try catchUp()
        #expect(reading.take(try result("a2", from: from, query: query)).word == "none", "nothing is asked yet")
        _ = reading.start()
        #expect(reading.take(try result("a2", from: from, query: query)).word == "none")
        #expect(reading.take(try result("a2")).word == "message")
        #expect(reading.take(try result("a3", from: nil)).word == "message", "without a sender it is the account itself")
        _ = reading.answered(.success(try fin("a3", " complete='true'")))
        #expect(reading.take(try result("a4")).word == "none", "A5: nothing is asked any more")
    }

    @Test("A result that can't be read is passed over, and so is what we have sent ourselves") func skipped() throws {
        var reading = try catchUp()
        _ = reading.start()
        let own = "<message xmlns='jabber:client' from='bot@example.org/other' to='a@x'/>"
        let two = "<message xmlns='jabber:client' from='a@x'/><message xmlns='jabber:client' from='a@x'/>"
        for (id, inner) in [
            ("b1", own), ("b2", two), ("b3", ""), ("b4", "<message xmlns='jabber:client' from='@'/>"), ("b5", "<message/>"),
        ] {
            #expect(reading.take(try result(id, inner: inner)).word == "skipped", "\(id)")
        }
        #expect(reading.take(try result(nil)).word == "skipped")
        #expect(reading.take(try result("b6", stamp: "yesterday")).word == "skipped")
        #expect(reading.take(try stanza("<message from='bot@example.org'><body/></message>")).word == "none")
        let double = try stanza(
            "<message from='bot@example.org'><result xmlns='urn:xmpp:mam:2' queryid='q1' id='1'/>"
                + "<result xmlns='urn:xmpp:mam:2' queryid='q1' id='2'/></message>"
        )
        #expect(reading.take(double).word == "none")
        // Even so the place to go on from is known.
        #expect(text(reading.answered(.success(try fin(nil)))) == after("b6"))
    }

    @Test("A server that always has one more page isn't asked for the same one twice") func endless() throws {
        var reading = try catchUp()
        _ = reading.start()
        #expect(text(reading.answered(.success(try fin("a2")))) == after("a2"))
        #expect(text(reading.answered(.success(try fin("a2")))) == "done last=a2 complete=false messages=0")
        #expect(text(reading.answered(.success(try fin("a3")))) == "done last=a2 complete=false messages=0", "nothing was asked")
        var empty = try catchUp()
        _ = empty.start()
        #expect(text(empty.answered(.success(try fin(nil)))) == "done last=- complete=true messages=0", "an empty page is the end")
    }

    @Test func failures() throws {
        for answer in [nil, try xml("<query xmlns='urn:xmpp:mam:2'/>")] {
            var reading = try catchUp()
            _ = reading.start()
            #expect(text(reading.answered(.success(answer))) == "failed undefined-condition")
        }
        var reading = try catchUp()
        _ = reading.start()
        #expect(text(reading.answered(.failure(StanzaError("service-unavailable", .cancel)))) == "failed service-unavailable")
        var unstable = try catchUp()
        _ = unstable.start()
        guard case .done(let outcome) = unstable.answered(.success(try fin("a2", " complete='true' stable='false'"))) else {
            Issue.record("not done")
            return
        }
        #expect(outcome.isComplete && !outcome.isStable)
    }

    @Test(arguments: [(0, "1"), (1_000_000, "250")]) func pageSizes(_ wanted: Int, _ asked: String) throws {
        var reading = try catchUp(pageSize: wanted)
        #expect(text(reading.start()).contains("<max>\(asked)</max>"))
    }

    @Test("XEP-0441: everything is archived, and the account's own exceptions stay") func preferences() throws {
        #expect(
            Archive.preferences.element(id: "i").serialized(inheriting: Namespace.client)
                == "<iq id='i' type='get'><prefs xmlns='urn:xmpp:mam:2'/></iq>"
        )
        let answer = try xml(
            "<prefs xmlns='urn:xmpp:mam:2' default='roster'><always><jid>a@x</jid></always><never><jid>b@x</jid></never><other/></prefs>"
        )
        let request = try #require(Archive.archiveAll(given: answer))
        #expect(
            request.element(id: "i").serialized(inheriting: Namespace.client) == "<iq id='i' type='set'><prefs xmlns='urn:xmpp:mam:2' "
                + "default='always'><always><jid>a@x</jid></always><never><jid>b@x</jid></never></prefs></iq>"
        )
        #expect(Archive.archiveAll(given: try xml("<prefs xmlns='urn:xmpp:mam:2' default='always'/>")) == nil)
        #expect(Archive.archiveAll(given: nil) == nil)
    }

    @Test("R6: no id is remembered that would leave a gap behind") func progress() throws {
        let account = try #require(Address(Self.own))
        let message = try #require(Message(try stanza("<message from='a@x'/>"), account: account))
        func live(_ id: String?) -> InboundMessage { InboundMessage(message, archiveID: id) {} }
        func archived(_ id: String) -> InboundMessage { InboundMessage(message, origin: .archive(id: id, stamp: 0), archiveID: id) {} }
        func outcome(_ last: String?, complete: Bool = true, stable: Bool = true) -> ArchiveOutcome {
            ArchiveOutcome(last: last, isComplete: complete, isStable: stable, fellBack: false, messages: 0)
        }
        var progress = ArchiveProgress()
        #expect(progress.take(live("9")) == nil, "what lies before it may be missing")
        #expect(progress.take(archived("3")) == "3")
        #expect(progress.caughtUp(outcome("5", complete: false)) == nil)
        #expect(progress.take(live("10")) == nil)
        #expect(progress.caughtUp(outcome("8")) == "10")
        #expect(progress.take(live("11")) == "11")
        #expect(progress.take(live(nil)) == nil)
        #expect(progress.take(archived("4")) == nil, "somebody reads old things")
        progress.mayHaveGap()
        #expect(progress.take(live("20")) == nil)
        #expect(progress.caughtUp(outcome("15", stable: false)) == nil)
        progress.mayHaveGap()
        #expect(progress.caughtUp(outcome("21")) == "21")
    }
}

extension ArchiveCatchUp.Finding? {
    fileprivate var word: String {
        switch self {
        case .message: "message"
        case .skipped: "skipped"
        case nil: "none"
        }
    }
}
