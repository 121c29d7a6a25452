import Alerting
import Foundation
import Testing

@Suite struct HeartbeatTests {
    private let rule = HeartbeatRule(name: "prometheus", route: "ops", match: ["alertname": "Watchdog"], within: 600)

    private func watchdog(with others: [String] = []) -> Intake {
        var intake = group(["dog"] + others, key: "watchdog", common: [:])
        intake.alerts[0].labels = ["alertname": "Watchdog", "severity": "none"]
        return intake
    }

    @Test func whatStaysAwayIsAnAlertAndItsReturnResolvesIt() throws {
        var desk = try Desk(to: ["ada"], heartbeats: [rule])
        #expect(desk.receive(watchdog()).counts == [.heartbeat])
        desk.after(300)
        // A repeat within dedupe is a heartbeat all the same.
        desk.receive(watchdog())
        desk.after(10)
        desk.receive(watchdog())
        #expect(desk.machine.due == desk.now + 600)
        desk.after(600)
        #expect(desk.tick().lines == ["ada: #1 FIRING critical: heartbeat prometheus is missing for 10m"])
        desk.after(600)
        #expect(desk.tick().postings.isEmpty)
        #expect(desk.receive(watchdog()).lines == ["ada: #1 RESOLVED: heartbeat prometheus is back"])
        #expect(desk.machine.openConversations.isEmpty)
        desk.after(600)
        #expect(desk.tick().lines == ["ada: #2 FIRING critical: heartbeat prometheus is missing for 10m"])
    }

    /// While the process was down nothing could be heard: the time begins anew.
    @Test func aRestartIsNoSilence() throws {
        var desk = try Desk(to: ["ada"], heartbeats: [rule])
        desk.receive(watchdog())
        desk.after(5_000)
        try desk.restart()
        try desk.configure(to: ["ada"], heartbeats: [rule])
        #expect(desk.tick().postings.isEmpty)
        desk.after(600)
        #expect(desk.tick().postings.count == 1)
        // That it is missing is known after a restart, too.
        try desk.restart()
        try desk.configure(to: ["ada"], heartbeats: [rule])
        desk.after(5_000)
        #expect(desk.tick().postings.isEmpty)
        #expect(desk.receive(watchdog()).lines == ["ada: #1 RESOLVED: heartbeat prometheus is back"])
    }

    @Test func whatComesWithAHeartbeatIsTold() throws {
        var desk = try Desk(to: ["ada"], heartbeats: [rule])
        let actions = desk.receive(watchdog(with: ["a"]))
        #expect(actions.lines.count == 1)
        #expect(desk.machine[1]?.members.map(\.fingerprint) == ["a"])
    }

    @Test func otherRoutesAndAlertsDontCount() throws {
        let other = HeartbeatRule(name: "other", route: "elsewhere", match: ["alertname": "Watchdog"], within: 600)
        var desk = try Desk(to: ["ada"], heartbeats: [other])
        #expect(desk.receive(watchdog()).postings.count == 1)
        #expect(
            HeartbeatRule(name: "any", route: "ops", match: ["job": "*"], within: 1).matches(
                Alert(fingerprint: "", status: .firing, title: "")
            ) == false
        )
        #expect(
            HeartbeatRule(name: "none", route: "ops", match: [:], within: 1).matches(Alert(fingerprint: "", status: .firing, title: ""))
                == false
        )
    }

    @Test func aMissingHeartbeatEscalates() throws {
        var desk = try Desk(to: ["ada"], escalate: Escalation(after: 60), then: ["bob"], heartbeats: [rule])
        desk.after(600)
        desk.tick()
        desk.after(60)
        #expect(desk.tick().lines.first?.hasPrefix("bob: #1 (escalated to bob") == true)
    }

    @Test func heartbeatOut() {
        var beat = OutgoingHeartbeat(every: 60, now: 100)
        #expect(beat.fire(now: 100) == true)
        #expect(beat.fire(now: 159) == false)
        #expect(beat.due == 160)
        // What was missed isn't made up for.
        #expect(beat.fire(now: 1_000) == true && beat.due == 1_060)
        // The clock was set back.
        #expect(beat.fire(now: 10) == false && beat.due == 70)
    }
}
