import Alerting
import Foundation
import Testing
import XMPP

@Suite struct EscalationTests {
    @Test func theNextInOrderIsToldAndAllHearOfIt() throws {
        var desk = try Desk(to: ["ada"], escalate: Escalation(after: 900), then: ["bob", "carol"])
        #expect(desk.receive(group(["a"])).wake == desk.now + 300)
        #expect(desk.machine[1]?.escalates == desk.now + 900)
        desk.after(899)
        #expect(desk.tick().postings.isEmpty)
        desk.after(1)
        let second = desk.tick()
        #expect(
            second.lines == [
                "bob: #1 (escalated to bob: not acknowledged for 15m) FIRING warning: DiskFull",
                "ada: #1 escalated to bob: nobody has acknowledged it for 15m: DiskFull",
            ]
        )
        #expect(Set(second.postings.map(\.thread)).count == 1)
        // A restart changes nothing.
        try desk.restart()
        try desk.configure(to: ["ada"], escalate: Escalation(after: 900), then: ["bob", "carol"])
        desk.after(900)
        #expect(desk.tick().lines.first == "carol: #1 (escalated to carol: not acknowledged for 15m) FIRING warning: DiskFull")
        desk.after(900)
        let end = desk.tick()
        #expect(Set(end.lines.map { String($0.split(separator: ":")[0]) }) == ["ada", "bob", "carol"])
        #expect(end.lines[0].hasSuffix("#1 nobody has acknowledged it, and there is nobody else to tell: DiskFull"))
        desk.after(90_000)
        #expect(desk.tick().postings.isEmpty)
    }

    @Test func itBeginsAnewIfTheConfigurationSaysSo() throws {
        var desk = try Desk(to: ["ada"], escalate: Escalation(after: 600, end: .again), then: ["bob"])
        desk.receive(group(["a"]))
        desk.after(600)
        desk.tick()
        desk.after(600)
        #expect(desk.tick().lines == ["ada: #1 (again from the first, round 2) FIRING warning: DiskFull"])
        var said = 0
        for _ in 0..<1_000 {
            desk.after(600)
            said += desk.tick().postings.count
        }
        // Not for ever.
        #expect(said < 100)
    }

    @Test func acknowledgedAndResolvedStopIt() throws {
        var desk = try Desk(to: ["ada"], escalate: Escalation(after: 600), then: ["bob"])
        desk.receive(group(["a"], key: "one"))
        desk.receive(group(["a"], key: "two"))
        try desk.say("ack 1")
        desk.after(500)
        desk.receive(group([], over: ["a"], key: "two"))
        desk.after(10_000)
        #expect(desk.tick().postings.isEmpty)
    }

    @Test func whoIsQuietIsPassedOver() throws {
        var desk = try Desk(to: ["ada"], escalate: Escalation(after: 600), then: ["bob", "carol"])
        try desk.say("mute 1h", by: "bob")
        desk.receive(group(["a"]))
        desk.after(600)
        #expect(desk.tick().lines.first?.hasPrefix("carol: #1 (escalated to carol") == true)
        // The first, too.
        desk.receive(group([], over: ["a"]))
        try desk.say("mute 1h", by: "ada")
        #expect(desk.receive(group(["a"], key: "two")).lines == ["carol: #2 FIRING warning: DiskFull"])
    }

    /// The event is lost before it is stored: the same ids again.
    @Test func anEscalationHandledTwiceHasTheSameIDs() throws {
        var desk = try Desk(to: ["ada"], escalate: Escalation(after: 600), then: ["bob"])
        desk.receive(group(["a"]))
        desk.after(600)
        var lost = desk
        let ids = lost.tick().postings.map(\.id)
        desk.after(5)
        #expect(desk.tick().postings.map(\.id) == ids)
    }

    /// An address that doesn't work: the person's next one; when there is none, the next person.
    @Test func anAddressThatDoesNotWork() throws {
        let mail = try Contact(parsing: "mailto:ada@example.com via email.example.net")
        let ada = Person(name: "ada", contacts: [try Desk.contact("ada"), mail])
        let bob = Person(name: "bob", contacts: [try Desk.contact("bob")])
        var desk = try Desk(to: ["ada"], escalate: Escalation(after: 600), then: ["bob"], people: [ada, bob])
        let sent = try #require(desk.receive(group(["a"])).postings.first)
        let second = desk.keep(desk.machine.failed(id: sent.id, to: sent.recipient, now: desk.now))
        #expect(second.postings.map(\.recipient) == [mail])
        #expect(second.postings[0].text.hasPrefix("#1 (ada@example.org couldn't be reached) FIRING"))
        #expect(desk.machine[1]?.told.map(\.contact) == [mail])
        // Of something newer to her the next address is used at once.
        #expect(desk.receive(group(["a"], key: "two")).postings.map(\.recipient) == [mail])
        let third = desk.keep(desk.machine.failed(id: second.postings[0].id, to: mail, now: desk.now))
        #expect(third.wake == desk.now)
        #expect(desk.tick().lines.first?.hasPrefix("bob: #1 (escalated to bob: ada couldn't be reached) ") == true)
        // That she can't be told how it goes on hurries nobody: it is Bob who has his time now.
        for _ in 0..<5 {
            guard let word = desk.machine[1]?.told.first(where: { $0.person == "ada" }) else { break }
            #expect(desk.keep(desk.machine.failed(id: word.message, to: word.contact, now: desk.now)).wake != desk.now)
            #expect(desk.tick().postings.isEmpty)
        }
    }

    /// Nobody can be reached: each is tried once and for their time, without a flood.
    @Test func nobodyCanBeReached() throws {
        var desk = try Desk(to: ["ada"], escalate: Escalation(after: 600, end: .again), then: ["bob"])
        var said = desk.receive(group(["a"])).postings
        var count = said.count
        for _ in 0..<1_000 where !said.isEmpty {
            for posting in said { desk.keep(desk.machine.failed(id: posting.id, to: posting.recipient, now: desk.now)) }
            said = desk.tick().postings
            count += said.count
        }
        #expect(desk.machine[1]?.told.contains { $0.person == "bob" } == true)
        #expect(count < 10)
    }
}
