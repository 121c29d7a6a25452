import Alerting
import Foundation
import Oxbow
import Testing

@testable import OxbowCommand

@Suite("Alerts in oxbow status") struct AlertsSummaryTests {
    private static let report = """
        {"at": 1000, "open": 12, "unacknowledged": 11, "conversations": [
        {"account": "a@b", "number": 42, "title": "The first line of a body", "severity": "critical", "state": "firing", "since": 600,
        "updated": 960, "route": "ops", "firing": 2, "told": 3, "escalates": 1060},
        {"account": "a@b", "number": 40, "title": "Another", "severity": "warning", "state": "acknowledged", "since": 60, "updated": 900,
        "acknowledgedBy": "ada", "route": "ops", "firing": 1, "told": 1}],
        "silences": [{"account": "a@b", "number": 40, "member": 2, "id": "6c8b", "by": "ada", "until": 3600}],
        "mutes": [{"account": "a@b", "person": "ben", "until": 1800, "missed": 3}],
        "routes": [{"name": "ops", "source": "alertmanager", "account": "a@b", "firing": 1, "acknowledged": 1}],
        "heartbeats": [
        {"name": "here", "route": "ops", "last": 940, "within": 300, "isMissing": false},
        {"name": "gone", "route": "ops", "last": 60, "within": 300, "isMissing": true}],
        "schedules": [{"name": "late", "account": "a@b", "next": 7200}, {"name": "never", "account": "a@b"},
        {"name": "soon", "account": "a@b", "next": 1200, "last": 0}]}
        """

    private func summary() throws -> AlertsSummary {
        try #require(AlertsSummary(JSONDecoder().decode(AlertsReport.self, from: Data(Self.report.utf8))))
    }

    @Test("what asks for somebody is told in a few lines, and nothing of what was sent")
    func status() async throws {
        let bench = try Bench()
        let json = String(decoding: try JSONEncoder().encode(try summary()), as: UTF8.self)
        try await bench.withDaemon(StandIn(), reports: [AlertsSummary.name: { json }]) {
            let end = await bench.run("status")
            #expect(end.status == .offline, "alerts change nothing about it")
            #expect(
                end.out.hasSuffix(
                    """
                    : no route
                    alerts  12 open, 11 unacknowledged
                      #42 of a@b, ops: critical, firing, since 1970-01-01T00:10:00Z, goes on to the next people 1970-01-01T00:17:40Z
                      #40 of a@b, ops: warning, ada sees to it, since 1970-01-01T00:01:00Z
                      and 10 more
                      silenced  #40.2 of a@b by ada until 1970-01-01T01:00:00Z, id 6c8b
                      quiet     ben until 1970-01-01T00:30:00Z, missed 3
                      missing   heartbeat gone, last seen 1970-01-01T00:01:00Z
                      next      soon of a@b 1970-01-01T00:20:00Z
                    """
                ),
                "\(end.out)"
            )
            let whole = await bench.run("status", "--json").out
            struct Answer: Decodable {
                var version: String
                var alerts: AlertsSummary
            }
            let answer = try JSONDecoder().decode(Answer.self, from: Data(whole.utf8))
            #expect(answer.version == "1")
            #expect(try answer.alerts == summary())
            for text in [end.out, whole] { #expect(!text.contains("first line") && !text.contains("Another")) }
        }
    }

    @Test("where there are no alerts, or the daemon is an older one, there is no section")
    func none() async throws {
        #expect(AlertsSummary(AlertsReport(at: 0)) == nil)
        let without = try await AlertsSummary.report(AlertService())()
        let bench = try Bench()
        let known: [String: ControlServer.Report] = [AlertsSummary.name: { without }]
        for reports in [known, [:]] {
            try await bench.withDaemon(StandIn(), reports: reports) {
                #expect(await !bench.run("status").out.contains("alerts"))
                #expect(await !bench.run("status", "--json").out.contains("alerts"))
            }
        }
        try await bench.withDaemon(StandIn(), reports: [AlertsSummary.name: { "{}" }]) {
            #expect(await bench.run("status").err.contains("restart it"))
        }
    }

    @Test("health checks ask nothing of alerts")
    func live() async throws {
        let bench = try Bench()
        try await bench.withDaemon(StandIn(), reports: [AlertsSummary.name: { throw CancellationError() }]) {
            #expect(await bench.run("status", "--live").status == .done)
        }
    }
}
