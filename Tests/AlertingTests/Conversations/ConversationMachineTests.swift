import Foundation
import Testing
import XMPP

@testable import Alerting

@Suite struct ConversationMachineTests {
    @Test func firingUpdateAcknowledgedResolved() throws {
        var desk = try Desk()
        let opened = desk.receive(group(["a"]))
        #expect(opened.lines == ["ada: #1 FIRING warning: DiskFull", "bob: #1 FIRING warning: DiskFull"])
        let thread = try #require(opened.postings.first?.thread)
        #expect(Set(opened.postings.map(\.thread)) == [thread])
        #expect(Set(opened.postings.map(\.id)).count == 2)
        desk.after(60)
        let more = desk.receive(group(["a", "b"]))
        #expect(
            more.lines == [
                "ada: #1 (more alerts) FIRING warning: DiskFull, 2 alerts", "bob: #1 (more alerts) FIRING warning: DiskFull, 2 alerts",
            ]
        )
        desk.after(60)
        let fewer = desk.receive(group(["a"], over: ["b"]))
        #expect(fewer.lines.first == "ada: #1 (update) FIRING warning: DiskFull, 2 alerts: 1 firing, 1 resolved")
        desk.after(60)
        let acked = try desk.say("ack 1 on my way")
        #expect(acked.lines == ["ada: #1 acknowledged.", "bob: #1 acknowledged by ada: on my way (DiskFull)"])
        #expect(desk.machine[1]?.state == .acknowledged)
        desk.after(300)
        #expect(desk.receive(group(["a"])).counts == [.acknowledged])
        desk.after(60)
        let over = desk.receive(group([], over: ["a"]))
        #expect(over.lines == ["ada: #1 RESOLVED: DiskFull", "bob: #1 RESOLVED: DiskFull"])
        #expect((opened + more + fewer + acked + over).postings.allSatisfy { $0.thread == thread })
        #expect(desk.machine.openConversations.isEmpty)
        desk.after(60)
        #expect(desk.receive(group(["a"], over: ["x"])).lines.first == "ada: #2 FIRING warning: DiskFull, 2 alerts: 1 firing, 1 resolved")
        #expect(desk.machine[2]?.thread != thread)
    }

    @Test func numbersAreOfTheAccountAndAscend() throws {
        var desk = try Desk(to: ["ada"])
        #expect(desk.receive(group(["a"], key: "one")).lines == ["ada: #1 FIRING warning: DiskFull"])
        #expect(desk.receive(group(["a"], key: "two")).lines == ["ada: #2 FIRING warning: DiskFull"])
        desk.receive(group([], over: ["a"], key: "two"))
        try desk.restart()
        try desk.configure(to: ["ada"])
        #expect(desk.receive(group(["a"], key: "three")).lines == ["ada: #3 FIRING warning: DiskFull"])
        #expect(desk.machine.openConversations.map(\.number) == [1, 3])
    }

    /// R28: the same within `dedupe` is a retry or a twin; later it is a reminder, unless somebody sees to it.
    @Test func R28RepeatsAndReminders() throws {
        var desk = try Desk()
        desk.receive(group(["a", "b"]))
        desk.after(299)
        let twin = desk.receive(group(["b", "a"]))
        #expect(twin.postings.isEmpty && twin.counts == [.repeated])
        desk.after(1)
        #expect(desk.receive(group(["a", "b"])).lines.first == "ada: #1 (reminder 1) FIRING warning: DiskFull, 2 alerts")
        #expect(desk.receive(group(["a", "b"])).counts == [.repeated])
        try desk.say("ack 1")
        desk.after(4_000)
        let quiet = desk.receive(group(["a", "b"]))
        #expect(quiet.postings.isEmpty && quiet.counts == [.acknowledged])
    }

    /// R28: the repeats of before a restart are known after it.
    @Test func R28OverARestart() throws {
        var desk = try Desk()
        desk.receive(group(["a"]))
        try desk.restart()
        try desk.configure()
        desk.after(10)
        #expect(desk.receive(group(["a"])).counts == [.repeated])
    }

    @Test func R28MutedRemindersAreCounted() throws {
        var desk = try Desk()
        desk.receive(group(["a"]))
        try desk.say("mute 1 1h")
        desk.after(600)
        let reminder = desk.receive(group(["a"]))
        #expect(reminder.lines == ["bob: #1 (reminder 1) FIRING warning: DiskFull"])
        #expect(reminder.counts == [.muted])
        desk.after(3_600)
        #expect(desk.receive(group(["a"])).lines.count == 2)
    }

    /// R29: counts are corrected, for those whose resource takes it, while it is the last message to them.
    @Test func R29CorrectsCountsWhileItIsTheLastMessage() throws {
        var desk = try Desk()
        let (ada, bob) = (try Desk.contact("ada"), try Desk.contact("bob"))
        let opened = desk.receive(group(["a", "b", "c"]))
        desk.after(60)
        let fewer = desk.receive(group(["a", "b"], over: ["c"]), correctable: [ada])
        #expect(
            fewer.lines == [
                "ada: #1 FIRING warning: DiskFull, 3 alerts: 2 firing, 1 resolved [corrects]",
                "bob: #1 (update) FIRING warning: DiskFull, 3 alerts: 2 firing, 1 resolved",
            ]
        )
        #expect(fewer.postings[0].replaces == opened.postings[0].id && fewer.postings[0].id != opened.postings[0].id)
        // A correction of a corrected one names the first (XEP-0308 § 3).
        desk.after(60)
        let still = desk.receive(group(["a"], over: ["b"]), correctable: [ada, bob])
        #expect(still.postings[0].replaces == opened.postings[0].id)
        #expect(still.postings[1].replaces == fewer.postings[1].id)
        // Something else was said: it isn't the last any more.
        desk.machine.otherMessage(to: ada)
        desk.after(60)
        #expect(desk.receive(group(["a"], over: ["q"]), correctable: [ada]).postings.allSatisfy { $0.replaces == nil })
    }

    @Test func R29NewMoreSevereAndResolvedAreNewMessages() throws {
        var desk = try Desk(to: ["ada"])
        let ada: Set<Contact> = [try Desk.contact("ada")]
        desk.receive(group(["a"]))
        desk.after(60)
        let more = desk.receive(group(["a", "b"]), correctable: ada)
        desk.after(60)
        let severe = desk.receive(group(["a", "b"], over: ["c"], severity: .critical), correctable: ada)
        #expect(severe.lines == ["ada: #1 (more severe) FIRING critical: DiskFull, 3 alerts: 2 firing, 1 resolved"])
        desk.after(400)
        let reminder = desk.receive(group(["a", "b"], over: ["c"], severity: .critical), correctable: ada)
        desk.after(60)
        let over = desk.receive(group([], over: ["a", "b"]), correctable: ada)
        #expect((more + severe + reminder + over).postings.count == 4)
        #expect((more + severe + reminder + over).postings.allSatisfy { $0.replaces == nil })
    }

    @Test func R29NothingIsCorrectedAfterARestart() throws {
        var desk = try Desk(to: ["ada"])
        desk.receive(group(["a", "b"]))
        try desk.restart()
        try desk.configure(to: ["ada"])
        desk.after(60)
        #expect(desk.receive(group(["a"], over: ["b"]), correctable: [try Desk.contact("ada")]).postings.map(\.replaces) == [nil])
    }

    @Test func moreSevereEndsAnAcknowledgement() throws {
        var desk = try Desk()
        desk.receive(group(["a"]))
        try desk.say("ack 1")
        desk.after(60)
        // Another of the same kind: told, and still seen to.
        #expect(desk.receive(group(["a", "b"])).lines.count == 2)
        #expect(desk.machine[1]?.state == .acknowledged)
        desk.after(60)
        desk.receive(group(["a", "b"], over: ["z"], severity: .critical))
        #expect(desk.machine[1]?.state == .firing && desk.machine[1]?.acknowledgement == nil)
    }

    @Test func aResolutionWithoutAConversation() throws {
        var desk = try Desk(to: ["ada"])
        #expect(desk.receive(posted("CI succeeded", .resolved, onlyWhenOpen: true)).counts == [.notOpen])
        // Before Oxbow was there it fired: said once, without a number.
        #expect(desk.receive(group([], over: ["a"])).lines == ["ada: RESOLVED: DiskFull"])
        desk.receive(posted("Door", .firing))
        desk.after(5)
        #expect(desk.receive(posted("Door", .resolved, onlyWhenOpen: true)).lines == ["ada: #1 RESOLVED: Door"])
        desk.after(5)
        #expect(desk.receive(posted("Door", .resolved)).counts == [.closed])
    }

    @Test func notesShareTheThreadOfTheirGroup() throws {
        var desk = try Desk(to: ["ada"])
        let one = desk.receive(posted("pull request opened", .note, key: "pr-1"), delivery: "1")
        let two = desk.receive(posted("pull request merged", .note, key: "pr-1"), delivery: "2")
        let other = desk.receive(posted("pull request opened", .note, key: "pr-2"), delivery: "3")
        #expect(one.postings[0].thread == two.postings[0].thread && one.postings[0].thread != other.postings[0].thread)
        #expect(desk.machine.openConversations.isEmpty)
        #expect(desk.receive(posted("pull request merged", .note, key: "pr-1"), delivery: "2").counts == [.repeated])
        // Within an open conversation, in its thread.
        let fired = desk.receive(posted("Door", .firing), delivery: "4")
        #expect(desk.receive(posted("Somebody looks", .note), delivery: "5").postings[0].thread == fired.postings[0].thread)
    }

    /// What one posts about one thing says nothing about others of its group.
    @Test func aGroupOfPostedAlertsIsOverWhenAllAre() throws {
        var desk = try Desk(to: ["ada"])
        func one(_ name: String, _ status: AlertStatus) -> Intake {
            var intake = posted(name, status, key: "site")
            intake.alerts[0].fingerprint = name
            return intake
        }
        desk.receive(one("door", .firing), delivery: "1")
        #expect(desk.receive(one("window", .firing), delivery: "2").lines == ["ada: #1 (more alerts) FIRING warning: window"])
        #expect(desk.receive(one("door", .resolved), delivery: "3").lines == ["ada: #1 (update) RESOLVED: door"])
        #expect(desk.receive(one("window", .resolved), delivery: "4").lines == ["ada: #1 RESOLVED: window"])
    }

    /// The process ends before the batch is stored: handled again, the same event accepts the same ids. After the batch it is a repeat.
    @Test(arguments: [group(["a"]), posted("Door", .firing), posted("Said", .note)])
    func aWebhookHandledTwiceHasTheSameIDs(_ intake: Intake) throws {
        var desk = try Desk()
        desk.receive(group(["x"], key: "other"))
        var lost = desk
        let first = lost.machine.receive(intake, route: "ops", delivery: "hook-7", now: desk.now)
        try desk.restart()
        try desk.configure()
        desk.after(30)
        let again = desk.receive(intake, delivery: "hook-7")
        #expect(again.postings.map(\.id) == first.postings.map(\.id) && again.postings.count == 2)
        #expect(again.postings.map(\.thread) == first.postings.map(\.thread))
        #expect(desk.receive(intake, delivery: "hook-7").counts == [.repeated])
    }

    @Test func aLaterReminderHasOtherIDs() throws {
        var desk = try Desk()
        let first = desk.receive(group(["a"]))
        desk.after(1_000)
        let reminder = desk.receive(group(["a"]))
        #expect(Set(first.postings.map(\.id)).isDisjoint(with: reminder.postings.map(\.id)))
    }

    /// What is said once and comes again later is another message: an outbox that knows the id would else drop it.
    @Test func aNoteThatComesAgainLaterHasOtherIDs() throws {
        var desk = try Desk()
        let first = desk.receive(group([], over: ["a"]))
        desk.after(1_000)
        let again = desk.receive(group([], over: ["a"]))
        #expect(first.postings.count == 2 && Set(first.postings.map(\.id)).isDisjoint(with: again.postings.map(\.id)))
    }

    @Test func anAccountsIDsAreNotGuessable() throws {
        let desk = try Desk()
        var random = FixedRandom(state: 12)
        var other = ConversationMachine(account: desk.account, random: &random, now: desk.now)
        _ = other.configure(
            routes: [AlertRoute(name: "ops", plan: try desk.directory.plan(for: "ada"))],
            directory: desk.directory,
            now: desk.now
        )
        var first = desk
        let (one, two) = (first.receive(group(["a"])), other.receive(group(["a"]), route: "ops", delivery: "", now: desk.now))
        #expect(one.postings[0].id != two.postings[0].id && one.postings[0].thread != two.postings[0].thread)
    }

    @Test func anUnknownRouteIsCounted() throws {
        var desk = try Desk()
        #expect(desk.machine.receive(group(["a"]), route: "nowhere", delivery: "", now: desk.now).counts == [.noRoute])
    }

    @Test func aTemplateMakesTheText() throws {
        var desk = try Desk(to: ["ada"])
        let template = try AlertTemplate("{{title}} by {{route}}", file: "t", source: source("alertmanager"))
        let route = AlertRoute(name: "ops", plan: try desk.directory.plan(for: "ada"), template: template)
        _ = desk.machine.configure(routes: [route], directory: desk.directory, now: desk.now)
        #expect(desk.receive(group(["a"])).postings.map(\.text) == ["#1 DiskFull by ops"])
    }
}
