import Alerting
import Foundation
import Testing
import XMPP

@Suite struct ConversationBoundsTests {
    @Test func aStormIsFoldedAndToldToWhoWouldHaveHeard() throws {
        var desk = try Desk(fold: StormGuard.Limits(messages: 2, window: 300, summaryAfter: 60))
        var sent = 0
        var folded = 0
        for index in 0..<10 {
            let actions = desk.receive(group(["a"], key: "k\(index)"))
            sent += actions.postings.count
            folded += actions.counts.count { $0 == .folded }
        }
        #expect(sent == 4 && folded == 8)
        // They are open all the same.
        #expect(desk.machine.openConversations.count == 10)
        #expect(desk.machine.due == desk.now + 60)
        // What is folded isn't lost by a restart.
        try desk.restart()
        try desk.configure(fold: StormGuard.Limits(messages: 2, window: 300, summaryAfter: 60))
        desk.after(60)
        let told = desk.tick()
        #expect(
            told.lines == [
                "ada: STORM warning: 8 messages folded in 1s (8 firing)", "bob: STORM warning: 8 messages folded in 1s (8 firing)",
            ]
        )
        #expect(desk.tick().postings.isEmpty)
    }

    @Test func moreConversationsThanAreKeptAreCountedAndTold() throws {
        var limits = ConversationLimits()
        limits.open = 3
        var desk = try Desk(to: ["ada"], limits: limits)
        for index in 0..<5 { desk.receive(group(["a"], key: "k\(index)")) }
        #expect(desk.machine.openConversations.count == 3)
        desk.after(61)
        #expect(desk.tick().lines == ["ada: STORM warning: 2 messages folded in 1s (2 firing)"])
        // There is room again.
        desk.receive(group([], over: ["a"], key: "k0"))
        desk.after(300)
        #expect(desk.receive(group(["a"], key: "k4")).lines == ["ada: #4 FIRING warning: DiskFull"])
    }

    @Test func moreMembersThanAreKeptAreCounted() throws {
        var limits = ConversationLimits()
        limits.members = 3
        var desk = try Desk(to: ["ada"], limits: limits)
        desk.receive(group(["a", "b", "c", "d", "e"], truncated: 2))
        let conversation = try #require(desk.machine[1])
        #expect(conversation.members.map(\.fingerprint) == ["a", "b", "c"] && conversation.omitted == 4 && conversation.firing == 7)
        // What is over makes room, and numbers aren't given twice.
        desk.after(10)
        desk.receive(group(["c", "x", "y"], over: ["a", "b"]))
        let later = try #require(desk.machine[1])
        #expect(later.members.map(\.number) == [3, 4, 5] && later.omitted == 2)
    }

    /// Alerts that are posted one by one, more than are kept: it is over when as many are.
    @Test func postedAlertsThatAreNotKeptAreCountedDown() throws {
        var limits = ConversationLimits()
        limits.members = 2
        var desk = try Desk(to: ["ada"], limits: limits)
        func one(_ name: String, _ status: AlertStatus) -> Intake {
            var intake = posted(name, status, key: "site")
            intake.alerts[0].fingerprint = name
            return intake
        }
        for name in ["a", "b", "c"] { desk.receive(one(name, .firing)) }
        #expect(desk.machine[1]?.firing == 3)
        for name in ["c", "a"] { desk.receive(one(name, .resolved)) }
        #expect(desk.machine[1]?.firing == 1)
        #expect(desk.receive(one("b", .resolved)).lines == ["ada: #1 RESOLVED: b"])
    }

    /// Somebody who left the configuration hears nothing more of what is open.
    @Test func whoLeftIsLeftOut() throws {
        var desk = try Desk(to: ["ada", "eve@example.net"])
        #expect(desk.receive(group(["a"])).postings.count == 2)
        try desk.configure(to: ["ada"])
        desk.after(10)
        #expect(desk.receive(group([], over: ["a"])).lines == ["ada: #1 RESOLVED: DiskFull"])
    }

    @Test func whatIsNotListedAnyMoreIsNews() throws {
        var desk = try Desk(to: ["ada"])
        desk.receive(group(["a"], truncated: 5))
        desk.after(10)
        #expect(desk.receive(group(["a"], truncated: 9)).lines == ["ada: #1 (more alerts) FIRING warning: DiskFull, 10 alerts"])
        desk.after(10)
        #expect(desk.receive(group(["a"], truncated: 1)).lines == ["ada: #1 (update) FIRING warning: DiskFull, 2 alerts"])
    }

    @Test func closedConversationsAreForgotten() throws {
        var limits = ConversationLimits()
        limits.closed = 2
        var desk = try Desk(to: ["ada"], limits: limits)
        for index in 0..<4 {
            desk.receive(group(["a"], key: "k\(index)"))
            desk.after(10)
            desk.receive(group([], over: ["a"], key: "k\(index)"))
        }
        desk.tick()
        #expect(desk.machine[1] == nil && desk.machine[2] == nil && desk.machine[3] != nil && desk.machine[4] != nil)
        #expect(desk.book["conversation/1"] == nil && desk.book["conversation/4"] != nil)
        desk.after(8 * 86_400)
        desk.tick()
        // Nothing is left but the roots, and the route's window.
        #expect(desk.book.keys.filter { !$0.hasPrefix("storm/") } == ["roots"])
        #expect(desk.machine.due == nil)
        // Numbers go on.
        #expect(desk.receive(group(["a"])).lines == ["ada: #5 FIRING warning: DiskFull"])
    }

    /// Whoever fires and resolves ever new groups gets no more room than the limit, whether time passes or not.
    @Test func closedConversationsAreBoundedBetweenTicks() throws {
        var limits = ConversationLimits()
        limits.closed = 2
        var desk = try Desk(to: ["ada"], limits: limits)
        for index in 0..<6 {
            desk.receive(group(["a"], key: "k\(index)"))
            desk.receive(group([], over: ["a"], key: "k\(index)"))
            #expect(desk.book.keys.count { $0.hasPrefix("conversation/") } <= 2)
        }
        #expect(desk.machine[4] == nil && desk.machine[5] != nil && desk.machine[6] != nil)
    }

    /// What would come all the same, though all have muted, comes as a count.
    @Test func aStormIsHeardWhenEverybodyHasMuted() throws {
        var desk = try Desk(to: ["ada"], fold: StormGuard.Limits(messages: 1, window: 300, summaryAfter: 60))
        try desk.say("mute 2h")
        #expect(desk.receive(group(["a"], key: "k0")).lines == ["ada: #1 FIRING warning: DiskFull"])
        #expect(desk.receive(group(["a"], key: "k1")).counts == [.folded])
        desk.after(60)
        #expect(desk.tick().lines == ["ada: STORM warning: 1 message folded in 1s (1 firing)"])
        // What is good to know waits.
        desk.receive(posted("backup is done", .note))
        desk.after(60)
        #expect(desk.tick().lines.isEmpty)
    }

    /// The clock was far ahead when something came, and was set right while the process was down.
    @Test func aClockThatWasAheadDoesNotSilenceTheNextProcess() throws {
        let limits = StormGuard.Limits(messages: 1, window: 300, summaryAfter: 60)
        let watchdog = HeartbeatRule(name: "prometheus", route: "ops", match: ["alertname": "Watchdog"], within: 600)
        let escalation = Escalation(after: 300)
        var desk = try Desk(to: ["ada"], escalate: escalation, then: ["bob"], fold: limits, heartbeats: [watchdog])
        desk.after(400 * 86_400)
        desk.receive(group(["w"], key: "w", common: ["alertname": "Watchdog"]))
        #expect(desk.receive(group(["a"], key: "k0")).lines == ["ada: #1 FIRING warning: DiskFull"])
        desk.now = Desk.start
        try desk.restart()
        try desk.configure(to: ["ada"], escalate: escalation, then: ["bob"], fold: limits, heartbeats: [watchdog])
        #expect(desk.receive(group(["a"], key: "k1")).lines == ["ada: #2 FIRING warning: DiskFull"])
        #expect(desk.receive(group(["a"], key: "k2")).counts == [.folded])
        desk.after(60)
        #expect(desk.tick().lines == ["ada: STORM warning: 1 message folded in 1s (1 firing)"])
        desk.after(300)
        #expect(desk.tick().lines.first == "bob: #1 (escalated to bob: not acknowledged for 5m) FIRING warning: DiskFull")
        desk.after(300)
        desk.tick()
        #expect(desk.machine.openConversations.contains { $0.title.contains("heartbeat prometheus is missing") })
    }

    @Test func whatIsNeverHeardOfAgainIsClosedAndTold() throws {
        var desk = try Desk(to: ["ada"])
        desk.receive(group(["a"]))
        desk.after(14 * 86_400)
        #expect(desk.tick().lines == ["ada: #1 CLOSED: nothing was heard of it for 14d: DiskFull"])
        #expect(desk.machine.openConversations.isEmpty)
    }

    @Test func keysOfRepeatsAreBounded() throws {
        var limits = ConversationLimits()
        limits.repeats = 10
        var desk = try Desk(to: ["ada"], limits: limits)
        for index in 0..<50 {
            desk.after(1)
            desk.receive(posted("note \(index)", .note))
        }
        #expect(desk.book.keys.count { $0.hasPrefix("seen/") } == 10)
        desk.after(1_000)
        desk.tick()
        #expect(desk.book.keys.count { $0.hasPrefix("seen/") } == 0)
    }

    @Test func labelsThatAreTooLargeAreNotKeptInPart() throws {
        var limits = ConversationLimits()
        limits.labels = 50
        var desk = try Desk(to: ["ada"], limits: limits)
        desk.receive(group(["a"], common: ["alertname": String(repeating: "x", count: 60)]))
        #expect(desk.machine[1]?.members.first?.labels == nil && desk.machine[1]?.commonLabels == nil)
        #expect(
            try desk.say("silence 1 2h").lines == ["ada: The labels of #1 are too long for a silence from here; make it in Alertmanager."]
        )
    }

    @Test func longTextsAreCut() throws {
        var limits = ConversationLimits()
        limits.message = 100
        var desk = try Desk(to: ["ada"], limits: limits)
        var intake = posted("Door", .firing)
        intake.alerts[0].text = String(repeating: "word\n", count: 100)
        let text = try #require(desk.receive(intake).postings.first?.text)
        #expect(text.unicodeScalars.count <= 100 && text.hasSuffix("… (cut)"))
    }

    @Test func aClockThatGoesBackChangesNothing() throws {
        var desk = try Desk(to: ["ada"], escalate: Escalation(after: 600), then: ["bob"])
        desk.receive(group(["a"]))
        desk.after(-5_000)
        #expect(desk.tick().postings.isEmpty)
        desk.after(5_600)
        #expect(!desk.tick().postings.isEmpty)
    }

    @Test func recordsOfANewerVersionAreRefused() throws {
        let bytes = try AlertRecord.ran(schedule: "x", at: 5).encoded()
        #expect(try AlertRecord(encoded: bytes) == .ran(schedule: "x", at: 5))
        let newer = String(decoding: bytes, as: UTF8.self).replacing("\"v\":1", with: "\"v\":2")
        #expect(throws: DecodingError.self) { try AlertRecord(encoded: Array(newer.utf8)) }
    }
}
