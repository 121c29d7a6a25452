import Synchronization
import Testing
import XML

@testable import XMPP

@Suite struct RosterTests {
    @Test func answer() throws {
        let roster = Roster(
            answer: try xml(
                "<query xmlns='jabber:iq:roster'><item jid='A@x' subscription='both'/><item jid='b@x' ask='subscribe'/>"
                    + "<item jid='c@x' subscription='from'/><item jid='/'/><item jid='d@x/r' subscription='to'/><item jid='e@x' subscription='odd'/>"
                    + "</query>"
            )
        )
        #expect(roster.contacts.count == 3)
        let (a, b, c) = (try #require(Address("a@x/r")), try #require(Address("b@x")), try #require(Address("c@x")))
        #expect(roster[a]?.seesUs == true)
        #expect(roster[a]?.isSeen == true)
        #expect(roster[b]?.isRequested == true)
        #expect(roster[b]?.seesUs == false)
        #expect(roster[c]?.seesUs == true)
        #expect(roster[c]?.isSeen == false)
        #expect(Roster(answer: nil).contacts.isEmpty)
    }

    @Test func changes() throws {
        let a = try #require(Address("a@x"))
        var roster = Roster()
        roster.apply(Roster.Contact(a, .to))
        #expect(roster[a]?.isSeen == true)
        roster.apply(Roster.Contact(a, .remove))
        #expect(roster[a] == nil)
        #expect(
            Roster.remove(a).payload.serialized() == "<query xmlns='jabber:iq:roster'><item jid='a@x' subscription='remove'/></query>"
        )
    }

    final class Seen: Sendable {
        let contacts = Mutex<[Roster.Contact]>([])
    }

    @Test(
        "RFC 6121 § 2.1.6: only the account itself pushes",
        arguments: [
            ("", true), ("from='bot@example.org'", true), ("from='BOT@example.org'", true), ("from='bot@example.org/r'", false),
            ("from='example.org'", false), ("from='mallory@example.org'", false), ("from='bot@example.com'", false),
        ]
    )
    func pushes(_ from: String, _ isTaken: Bool) async throws {
        let account = try #require(Address("bot@example.org"))
        let seen = Seen()
        let router = IQRouter([RosterPushes(account: account) { contact in seen.contacts.withLock { $0.append(contact) } }], node: "n")
        let push = "<iq type='set' id='1' \(from)><query xmlns='jabber:iq:roster'><item jid='a@x' subscription='both'/></query></iq>"
        let reply = await router.answer(try stanza(push), account: account)
        #expect(reply?["type"] == (isTaken ? "result" : "error"))
        #expect(seen.contacts.withLock { $0.count } == (isTaken ? 1 : 0))
        #expect(!router.info.features.contains(Namespace.roster))
    }

    @Test(arguments: ["", "<item jid='a@x'/><item jid='b@x'/>", "<item/>", "<item jid='a@x' subscription='odd'/>"])
    func malformedPushes(_ items: String) async throws {
        let account = try #require(Address("bot@example.org"))
        let router = IQRouter([RosterPushes(account: account) { _ in Issue.record("nothing may change") }], node: "n")
        let push = try stanza("<iq type='set' id='1'><query xmlns='jabber:iq:roster'>\(items)</query></iq>")
        #expect(await router.answer(push, account: account)?["type"] == "error")
    }
}
