import Testing
import XML

@testable import XMPP

@Suite struct RequestTableTests {
    private func table() throws -> RequestTable<String, Int> {
        RequestTable(account: try #require(Address("bot@example.org/r")))
    }
    private func from(_ address: String?) -> String { address.map { " from='\($0)'" } ?? "" }

    /// RFC 6120 § 8.1.2.1: only the addressee answers; for the account its server does, under one of its names or none.
    @Test(
        arguments: [
            (nil, nil, true), (nil, "bot@example.org", true), (nil, "bot@example.org/r", true), (nil, "example.org", true),
            (nil, "a@example.org", false), (nil, "example.com", false), (nil, "bot@example.com", false), (nil, "/", false),
            ("bot@example.org", nil, true), ("bot@example.org", "BOT@example.org", true), ("bot@example.org", "a@x", false),
            ("example.org", nil, true), ("example.org", "example.org", true), ("example.org", "bot@example.org", false),
            ("a@x", "a@x", true), ("a@x", "A@X", true), ("a@x", "a@x/r", false), ("a@x", nil, false), ("a@x", "example.org", false),
            ("a@x", "mallory@x", false), ("a@x/r", "a@x/r", true), ("a@x/r", "a@x", false), ("a@x/r", "a@x/s", false),
            ("bot@example.org/q", "bot@example.org/q", true), ("bot@example.org/q", "bot@example.org/s", false),
        ] as [(String?, String?, Bool)]
    )
    func whoMayAnswer(_ to: String?, _ from: String?, _ isTaken: Bool) throws {
        var table = try table()
        let address = try to.map { try #require(Address($0)) }
        let inserted = table.insert(id: "1", to: address, deadline: 5, "waiter")
        #expect(inserted)
        let answer = table.answer(try stanza("<iq type='result' id='1'\(self.from(from))/>"))
        #expect((answer != nil) == isTaken)
        #expect(table.count == (isTaken ? 0 : 1), "a false answer leaves the request waiting for the true one")
    }

    @Test func results() throws {
        var table = try table()
        _ = table.insert(id: "1", to: nil, deadline: 5, "a")
        _ = table.insert(id: "2", to: nil, deadline: 5, "b")
        _ = table.insert(id: "3", to: nil, deadline: 5, "c")
        let empty = table.answer(try stanza("<iq type='result' id='1'/>"))
        #expect(empty?.waiter == "a")
        #expect(empty?.result == .success(nil))
        let payload = table.answer(try stanza("<iq type='result' id='2'>\n<ping xmlns='urn:xmpp:ping'/></iq>"))
        #expect(payload?.result == .success(Element("ping", Namespace.ping)))
        let error = "<error type='auth'><forbidden xmlns='\(Namespace.stanzaErrors)'/></error>"
        let failed = table.answer(try stanza("<iq type='error' id='3'>\(error)</iq>"))
        #expect(failed?.result == .failure(StanzaError("forbidden", .auth)))
        let again = table.answer(try stanza("<iq type='result' id='1'/>"))
        #expect(again == nil, "an answer counts once")
    }

    @Test func whatIsNoAnswer() throws {
        var table = try table()
        _ = table.insert(id: "1", to: nil, deadline: 5, "a")
        for text in [
            "<iq type='get' id='1'/>", "<iq id='1'/>", "<iq type='result'/>", "<message type='result' id='1'/>",
            "<iq type='result' id='2'/>",
        ] {
            let answer = table.answer(try stanza(text))
            #expect(answer == nil)
        }
        let taken = table.insert(id: "1", to: nil, deadline: 5, "b")
        #expect(!taken)
    }

    @Test func deadlines() throws {
        var table = try table()
        #expect(table.nextDeadline == nil)
        _ = table.insert(id: "1", to: nil, deadline: 5, "a")
        _ = table.insert(id: "2", to: nil, deadline: 3, "b")
        _ = table.insert(id: "3", to: nil, deadline: 9, "c")
        #expect(table.nextDeadline == 3)
        #expect(table.expire(at: 2).isEmpty)
        #expect(Set(table.expire(at: 5)) == ["a", "b"])
        #expect(table.nextDeadline == 9)
        let removed = table.remove(id: "3")
        #expect(removed == "c")
        _ = table.insert(id: "4", to: nil, deadline: 9, "d")
        #expect(table.removeAll() == ["d"])
        #expect(table.count == 0)
    }
}
