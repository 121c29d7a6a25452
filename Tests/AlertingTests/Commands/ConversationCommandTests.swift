import Alerting
import Foundation
import Testing
import XMPP

@Suite struct ConversationCommandTests {
    @Test func listAndShow() throws {
        var desk = try Desk()
        #expect(try desk.say("list").postings.map(\.text) == ["Nothing is open."])
        desk.receive(group(["a"], key: "one"))
        desk.receive(group(["a", "b"], severity: .critical, key: "two"))
        desk.after(120)
        #expect(try desk.say("list").postings.map(\.text) == ["#2 critical: DiskFull, 2 firing (2m)\n#1 warning: DiskFull (2m)"])
        try desk.say("ack 2")
        #expect(try desk.say("LIST").postings[0].text == "#1 warning: DiskFull (2m)\n#2 critical: DiskFull, 2 firing (2m, ada sees to it)")
        let shown = try desk.say("show 2").postings[0]
        #expect(
            shown.text == """
                #2 FIRING critical: DiskFull, 2 alerts
                route ops, since 2026-11-21 18:14 UTC
                acknowledged by ada, 2026-11-21 18:16 UTC
                told: ada, bob
                2.1 instance=a
                2.2 instance=b
                """
        )
        #expect(shown.thread == desk.machine[2]?.thread)
        #expect(try desk.say("show 7").lines == ["ada: There is no #7. \"list\" shows what is open."])
    }

    /// "ack" as an answer within a thread is about that thread's conversation.
    @Test func aReplyInTheThreadNeedsNoNumber() throws {
        var desk = try Desk()
        desk.receive(group(["a"], key: "one"))
        let thread = try #require(desk.receive(group(["a"], key: "two")).postings.first?.thread)
        #expect(try desk.say("ack").lines == ["ada: Which one? Give its number, or answer in its thread. \"list\" shows them."])
        #expect(
            try desk.say("Ack looking", thread: thread).lines == [
                "ada: #2 acknowledged.", "bob: #2 acknowledged by ada: looking (DiskFull)",
            ]
        )
        #expect(desk.machine[1]?.state == .firing && desk.machine[2]?.state == .acknowledged)
        // A number counts more than the thread.
        #expect(try desk.say("ack 1", by: "bob", thread: thread).lines.first == "bob: #1 acknowledged.")
    }

    @Test func acknowledgingTwiceAndTakingBack() throws {
        var desk = try Desk(escalate: Escalation(after: 600), then: ["carol"])
        desk.receive(group(["a"]))
        try desk.say("ack 1")
        #expect(
            try desk.say("ack 1", by: "bob").lines == [
                "bob: #1 acknowledged. ada had it before.", "ada: #1 acknowledged by bob (DiskFull)",
            ]
        )
        desk.after(10_000)
        #expect(desk.tick().postings.isEmpty)
        #expect(
            try desk.say("unack 1").lines == [
                "ada: #1 isn't acknowledged any more.", "bob: #1 acknowledgement taken back by ada (DiskFull)",
            ]
        )
        #expect(try desk.say("unack 1").lines == ["ada: #1 isn't acknowledged."])
        desk.after(600)
        #expect(desk.tick().lines.first == "carol: #1 (escalated to carol: not acknowledged for 10m) FIRING warning: DiskFull")
        desk.receive(group([], over: ["a"]))
        #expect(try desk.say("ack 1").lines == ["ada: #1 is over: DiskFull"])
    }

    @Test func onlyThoseWhomTheConfigurationNames() throws {
        var desk = try Desk()
        desk.receive(group(["a"]))
        let mallory = try #require(Address("mallory@example.org/phone"))
        let first = desk.machine.command("ack 1", from: mallory, thread: nil, id: "1", now: desk.now)
        #expect(first.postings.map(\.text) == ["Sorry, I take commands only from those whom my configuration names."])
        #expect(first.counts == [.refused])
        #expect(first.postings[0].recipient.address == mallory.bare)
        // Once.
        let second = desk.machine.command("list", from: mallory, thread: nil, id: "2", now: desk.now + 60)
        #expect(second.postings.isEmpty && second.counts == [.refused])
        #expect(desk.machine[1]?.state == .firing)
        // Whoever floods under many addresses gets no more answers.
        var answers = 0
        for index in 0..<1_000 {
            let address = try #require(Address("m\(index)@example.org"))
            answers += desk.machine.command("list", from: address, thread: nil, id: "x", now: desk.now).postings.count
        }
        #expect(answers < 200)
    }

    @Test func aSilenceOfTheWholeIsByItsCommonLabels() throws {
        var desk = try Desk()
        let thread = desk.receive(group(["a", "b"])).postings.first?.thread
        let asked = try desk.say("silence 1 2h disk is being replaced")
        #expect(asked.postings.isEmpty)
        let request = try #require(asked.silences.first)
        #expect(request.matchers == ["alertname": "DiskFull"])
        #expect(
            request.ends - request.starts == 7_200 && request.author == "ada" && request.comment == "disk is being replaced (from chat, #1)"
        )
        let done = desk.keep(desk.machine.silenced(request, .done(id: "4f6c-1"), now: desk.now + 1))
        #expect(
            done.lines == [
                "ada: #1 silenced for 2h, id 4f6c-1: alertname=DiskFull",
                "bob: #1 silenced for 2h by ada: disk is being replaced (from chat, #1) (DiskFull)",
            ]
        )
        #expect(done.postings.allSatisfy { $0.thread == thread })
        let ended = try desk.say("unsilence 1", by: "bob")
        guard case .unsilence(let end)? = ended.first else {
            Issue.record("no request: \(ended)")
            return
        }
        #expect(end.ids == ["4f6c-1"])
        let over = desk.keep(desk.machine.unsilenced(end, .done(id: ""), now: desk.now + 2))
        #expect(over.lines == ["bob: The silence 4f6c-1 is ended.", "ada: #1 silence ended by bob (DiskFull)"])
        #expect(try desk.say("unsilence 1").lines.first?.contains("no silence") == true)
    }

    @Test func aSilenceOfOneAlertIsByAllItsLabels() throws {
        var desk = try Desk()
        desk.receive(group(["a", "b"]))
        #expect(try desk.say("silence 1.2 30m").silences.map(\.matchers) == [["alertname": "DiskFull", "instance": "b"]])
        #expect(try desk.say("silence 1.3 30m").lines == ["ada: There is no #1.3. \"show 1\" shows its alerts."])
    }

    /// A silence without labels would hide everything.
    @Test func aGroupWithoutCommonLabelsIsNotSilenced() throws {
        var desk = try Desk()
        desk.receive(group(["a", "b"], common: [:]))
        let answer = try desk.say("silence 1 2h")
        #expect(answer.silences.isEmpty && answer.lines.first?.contains("no label in common") == true)
    }

    /// A label that was cut on its way would match something else.
    @Test func labelsThatWereCutAreNotSilenced() throws {
        var desk = try Desk()
        desk.receive(group(["a"], common: ["alertname": "Disk…"]))
        #expect(try desk.say("silence 1 2h").silences.isEmpty)
    }

    @Test func aSilenceThatFailsIsSaid() throws {
        var desk = try Desk()
        desk.receive(group(["a"]))
        let request = try #require(try desk.say("silence 1 2h").silences.first)
        let answer = desk.machine.silenced(request, .failed("Alertmanager can't be reached"), now: desk.now)
        #expect(answer.lines == ["ada: No silence for #1: Alertmanager can't be reached"])
        #expect(desk.machine[1]?.silences.isEmpty == true)
    }

    @Test func whatDoesNotComeFromAlertmanagerIsNotSilenced() throws {
        var desk = try Desk()
        _ = desk.machine.configure(
            routes: [AlertRoute(name: "ops", plan: try desk.directory.plan(for: "ada"))],
            directory: desk.directory,
            rights: try CommandRights(["ada"], directory: desk.directory),
            now: desk.now
        )
        desk.receive(posted("Door", .firing))
        #expect(try desk.say("silence 1 2h").lines.first?.contains("ack 1") == true)
    }

    /// Quiet: what there was is told at its end, and what nobody else would hear comes all the same.
    @Test func quietForAPerson() throws {
        var desk = try Desk()
        try desk.say("mute 30m")
        #expect(desk.receive(group(["a"], key: "one")).lines == ["bob: #1 FIRING warning: DiskFull"])
        #expect(desk.receive(posted("Said", .note)).lines == ["bob: warning: Said"])
        try desk.restart()
        try desk.configure()
        try desk.say("mute 1h", by: "bob")
        desk.after(10)
        #expect(desk.receive(group(["a"], key: "two")).lines.count == 2)
        #expect(try desk.say("who").postings[0].text.contains("quiet: bob, for another 59m"))
        desk.after(1_800)
        #expect(desk.tick().lines == ["ada: While it was quiet for you, there was 1 message. \"list\" shows what is open."])
        #expect(try desk.say("unmute", by: "bob").lines == ["bob: Not quiet any more."])
        #expect(try desk.say("unmute", by: "bob").lines == ["bob: It wasn't quiet for you."])
    }

    @Test func whoIsTold() throws {
        var desk = try Desk(to: ["ada"], escalate: Escalation(after: 600), then: ["bob", "carol"])
        desk.receive(group(["a"]))
        try desk.say("ack 1", by: "bob")
        #expect(try desk.say("who").postings[0].text == "ops: ada > bob > carol\n#1: bob, for 0s")
    }

    /// A command that is handled twice answers with the same ids.
    @Test func aCommandHandledTwiceHasTheSameIDs() throws {
        var desk = try Desk()
        desk.receive(group(["a"]))
        var twin = desk
        let (one, other) = (try desk.say("ack 1"), try twin.say("ack 1"))
        #expect(one.postings.map(\.id) == other.postings.map(\.id))
    }

    /// What people write is text, and nothing else.
    @Test func notesAreHarmless() throws {
        var desk = try Desk()
        desk.receive(group(["a"]))
        let told = try desk.say("ack 1 \u{202E}evil\u{7} " + String(repeating: "x", count: 5_000))
        #expect(told.postings.allSatisfy { $0.text.isHarmless && $0.text.count < 700 })
    }
}
