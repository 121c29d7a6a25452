import Alerting
import Foundation
import Testing
import XMPP
import YAMLConfiguration

/// From a request's bytes to the message, by the settings as they stand in a file.
@Suite struct ConversationSampleTests {
    private func machine() throws -> ConversationMachine {
        let yaml = """
            people: {ada: ada@example.org}
            alerts:
              account: alerts@example.org
              allow: [ada]
              alertmanager: {url: "http://127.0.0.1:9093"}
              routes:
                prometheus: {source: alertmanager, to: ada, zone: Europe/Berlin}
            """
        let file = try ConfigurationFile(text: yaml, path: "config.yaml")
        let settings = try AlertingSettings(file.read(AlertingSettings.schema, environment: [:]))
        let alerts = try #require(settings.alerts)
        var random = FixedRandom()
        var machine = ConversationMachine(account: alerts.account, random: &random, now: Desk.start)
        _ = machine.configure(
            routes: try alerts.routes(of: alerts.account, templates: [:]),
            directory: settings.directory,
            rights: alerts.rights,
            heartbeats: alerts.heartbeats(of: alerts.account),
            now: Desk.start
        )
        return machine
    }

    @Test func alertmanagersSamples() throws {
        var machine = try machine()
        let fired = machine.receive(try intake("alertmanager", sample: "firing"), route: "prometheus", delivery: "1", now: Desk.start)
        #expect(
            fired.postings.map(\.text) == [
                """
                #1 FIRING critical: InstanceDown: web-1:9100 is down
                web-1:9100 of job node hasn't answered for 5 minutes.
                instance=web-1:9100 job=node
                since 2026-11-21 19:02 UTC+1 (11m)
                runbook: https://wiki.example.org/runbooks/InstanceDown
                https://prometheus.example.org/graph?g0.expr=up+%3D%3D+0&g0.tab=1
                """
            ]
        )
        let ada = try Desk.contact("ada").address
        let silence = machine.command("silence 1 2h", from: ada, thread: nil, id: "2", now: Desk.start + 5)
        #expect(silence.silences.first?.matchers["alertname"] == "InstanceDown")
        let over = machine.receive(try intake("alertmanager", sample: "resolved"), route: "prometheus", delivery: "3", now: Desk.start + 10)
        #expect(over.lines == ["ada: #1 RESOLVED: InstanceDown: web-1:9100 is down (after 11m)"])
        #expect(over.postings[0].thread == fired.postings[0].thread)
    }

    /// Every source's samples through the machine: each is told or counted, and harmless.
    @Test(arguments: SourceRegistry().names)
    func everySample(_ name: String) throws {
        for sample in try source(name).samples {
            var machine = try machine()
            guard
                case .intake(let intake) = try read(
                    name,
                    sample.body,
                    headers: sample.headers,
                    query: sample.query,
                    contentType: sample.contentType
                )
            else { continue }
            let actions = machine.receive(intake, route: "prometheus", delivery: sample.name, now: Desk.start)
            #expect(!actions.postings.isEmpty || !actions.counts.isEmpty)
            #expect(actions.postings.allSatisfy { $0.text.isHarmless && !$0.text.isEmpty })
        }
    }
}
