import Foundation
import Synchronization
import Testing
import XMPP

@testable import Alerting

/// Commands through the desk.
@Suite struct DeskCommandTests {
    @Test("A stranger's command is refused, counted, and answered once a day") func strangers() async throws {
        let bench = DeskBench()
        try await bench.running {
            try await bench.receive("ops", DeskBench.webhook(["db-1"]))
            for id in 1...3 { try await bench.say("ack 1", by: "mallory", id: "\(id)") }
            let said = try bench.carrier.lines().filter { $0.hasPrefix("mallory:") }
            #expect(said == ["mallory: Sorry, I take commands only from those whom my configuration names."])
            #expect(bench.ear["oxbow_alert_commands_total{account=alerts@example.org,outcome=refused}"] == 3)
            #expect(await bench.desk.report().conversations.first?.state == "firing")
        }
        #expect(!bench.ear.log.contains("ack 1"))
    }

    @Test("A command that is handled again does nothing twice, also after a restart") func again() async throws {
        let first = DeskBench()
        try await first.running {
            try await first.receive("ops", DeskBench.webhook(["db-1"]))
            try await first.say("ack 1 on my way", id: "7")
        }
        let said = try first.carrier.lines()
        let second = DeskBench(carrier: first.carrier, at: Desk.start + 60)
        try await second.running {
            try await second.say("ack 1 on my way", id: "7")
            #expect(try second.carrier.lines() == said)
            #expect(second.ear["oxbow_alert_commands_total{account=alerts@example.org,outcome=repeated}"] == 1)
            // The same words in another message are another command.
            try await second.say("ack 1 on my way", id: "8")
            #expect(try second.carrier.lines().count > said.count)
        }
    }

    @Test("close ends what its sender never will, and all are told") func close() async throws {
        let bench = DeskBench()
        try await bench.running {
            try await bench.receive("ops", DeskBench.webhook(["db-1"]))
            try await bench.say("close 1 the host is gone", by: "bob", id: "1")
            let said = try bench.carrier.lines()
            #expect(said.contains("bob: #1 closed. What fires again is a new one."), "\(said)")
            #expect(said.contains { $0.hasPrefix("ada: #1 closed by bob: the host is gone") }, "\(said)")
            #expect(await bench.desk.report().open == 0)
            // Its end, when it comes after all, says nothing; what fires again is another.
            guard case .nothing = try await bench.receive("ops", DeskBench.webhook([], over: ["db-1"])) else {
                Issue.record("told")
                return
            }
            bench.time.advance(301)
            #expect(try await bench.receive("ops", DeskBench.webhook(["db-1"])) == .told(messages: 2, conversation: 2))
            try await bench.say("help", id: "2")
            let help = bench.carrier.state.withLock { $0.accounts.values.flatMap(\.postings).last?.text }
            #expect(help?.contains("close N") == true)
        }
    }

    @Test("An account without alerts says what to do") func account() async throws {
        let bench = DeskBench()
        try await bench.running {
            let (ada, other) = try (#require(Address("ada@example.org")), #require(Address("x@example.org")))
            let error = await #expect(throws: HookError.self) {
                try await bench.desk.command("list", from: ada, thread: nil, id: "1", account: other)
            }
            #expect(error?.message.contains("alerts.account") == true)
        }
    }

    private struct Made: Silencing {
        func silence(_ request: SilenceRequest) async -> SilenceOutcome { .done(id: "6c8b") }
        func unsilence(_ request: UnsilenceRequest) async -> SilenceOutcome { .done(id: "") }
    }

    @Test("What is silenced, who wants quiet and what nobody sees to is reported as long as it lasts") func report() async throws {
        let bench = DeskBench()
        try await bench.running(silencing: Made()) {
            try await bench.receive("ops", DeskBench.webhook(["db-1"]))
            try await bench.receive("pager", DeskBench.json("Door"))
            try await bench.say("ack 1", id: "1")
            try await bench.say("silence 1 2h", id: "2")
            try await bench.say("mute 30m", by: "bob", id: "3")
            var report = await bench.desk.report()
            #expect(report.open == 2 && report.unacknowledged == 1)
            let silence = try #require(report.silences.first)
            #expect(silence.number == 1 && silence.member == nil && silence.id == "6c8b" && silence.by == "ada")
            #expect(silence.until == Desk.start + 7200 && silence.account == "alerts@example.org" && report.silences.count == 1)
            #expect(report.mutes.map(\.person) == ["bob"] && report.mutes.first?.until == Desk.start + 1800)
            bench.time.advance(1800)
            report = await bench.desk.report()
            #expect(report.mutes.isEmpty && report.silences.count == 1)
            bench.time.advance(5400)
            #expect(await bench.desk.report().silences.isEmpty)
        }
    }

    @Test("Without an Alertmanager nobody is left without an answer") func nobody() async throws {
        let bench = DeskBench()
        try await bench.running {
            try await bench.receive("ops", DeskBench.webhook(["db-1"]))
            try await bench.say("silence 1 2h", id: "1")
            #expect(try bench.carrier.lines().last == "ada: No silence for #1: no Alertmanager is configured")
        }
    }
}
