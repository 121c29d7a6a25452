import Alerting
import Foundation
import Testing

@Suite struct AlertmanagerSourceTests {
    @Test func oneAlert() throws {
        let made = try intake("alertmanager", sample: "firing")
        #expect(made.groupKey == #"{}:{alertname="InstanceDown"}"#)
        #expect(made.status == .firing)
        #expect(made.title == "InstanceDown: web-1:9100 is down")
        #expect(made.receiver == "oxbow")
        #expect(made.externalURL == "https://alerts.example.org")
        #expect(made.truncated == 0)
        let alert = try #require(made.alerts.first)
        #expect(alert.fingerprint == "3a1f6c2e9b70d485")
        #expect(alert.severity == .critical)
        #expect(alert.labels["instance"] == "web-1:9100")
        #expect(alert.starts?.timeIntervalSince1970 == 1_795_284_120.417)
        #expect(alert.ends == nil)
        #expect(
            try message("alertmanager", made) == """
                FIRING critical: InstanceDown: web-1:9100 is down
                web-1:9100 of job node hasn't answered for 5 minutes.
                instance=web-1:9100 job=node
                since 2026-11-21 18:02 UTC (11m)
                runbook: https://wiki.example.org/runbooks/InstanceDown
                https://prometheus.example.org/graph?g0.expr=up+%3D%3D+0&g0.tab=1
                """
        )
    }

    @Test func aGroupIsOneMessage() throws {
        let made = try intake("alertmanager", sample: "grouped")
        #expect(made.alerts.map(\.status) == [.firing, .firing, .resolved])
        #expect(
            try message("alertmanager", made) == """
                FIRING critical: HighLatency (cluster=eu), 5 alerts: 2 firing, 1 resolved
                job=api
                - instance=api-1 (12m): p99 is 2.4 s
                - instance=api-3 (1m): p99 is 9.8 s
                - resolved instance=api-2 (30m): p99 is 2.1 s
                and 2 more
                https://alerts.example.org
                """
        )
    }

    @Test func resolved() throws {
        let made = try intake("alertmanager", sample: "resolved")
        #expect(made.status == .resolved)
        #expect(try message("alertmanager", made).hasPrefix("RESOLVED: InstanceDown: web-1:9100 is down (after 11m)\n"))
        // The same conversation as what fired.
        #expect(try made.groupKey == intake("alertmanager", sample: "firing").groupKey)
        #expect(try made.alerts.map(\.fingerprint) == intake("alertmanager", sample: "firing").alerts.map(\.fingerprint))
    }

    @Test(arguments: [
        ("[]", "", "is a list, where an object is expected"), ("{}", "version", "is missing"),
        (#"{"version": "3", "alerts": []}"#, "version", "isn't \"4\""),
        (#"{"version": "4"}"#, "alerts", "is missing"),
        (#"{"version": "4", "alerts": {}}"#, "alerts", "is an object, where a list is expected"),
        (#"{"version": "4", "alerts": [7]}"#, "alerts[0]", "is a number, where an object is expected"),
        (#"{"version": "4", "alerts": [{}]}"#, "alerts[0].status", "is missing"),
        (#"{"version": "4", "alerts": [{"status": "firing"}, {"status": "on fire"}]}"#, "alerts[1].status", "is neither"),
        (
            #"{"version": "4", "alerts": [{"status": "firing", "labels": "x"}]}"#, "alerts[0].labels",
            "is a string, where an object is expected"
        ),
        (
            #"{"version": "4", "alerts": [{"status": "firing", "labels": {"a": {}}}]}"#, "alerts[0].labels.a",
            "is an object, where a string or a number"
        ),
        (
            #"{"version": "4", "alerts": [{"status": "firing"}], "truncatedAlerts": -1}"#, "truncatedAlerts",
            "is a number, where a whole number is expected"
        ),
    ])
    func refused(_ body: String, _ path: String, _ message: String) {
        let error = refusal("alertmanager", body)
        #expect(error?.path == path)
        #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "not refused")")
        #expect(error.map { (400..<500).contains($0.code.status) } == true)
    }

    @Test func whatIsMissingIsMadeUpFor() throws {
        let made = try intake("alertmanager", #"{"version": "4", "alerts": [{"status": "firing", "labels": {"alertname": "A", "n": 1}}]}"#)
        let alert = try #require(made.alerts.first)
        #expect(alert.fingerprint.count == 32)
        #expect(made.groupKey == "alert:" + alert.fingerprint)
        #expect(try message("alertmanager", made) == "FIRING: A\nn=1")
        #expect(try read("alertmanager", #"{"version": "4", "alerts": []}"#) == .nothing("the list of alerts is empty"))
        let nameless = try intake("alertmanager", #"{"version": "4", "alerts": [{"status": "firing"}]}"#)
        #expect(try message("alertmanager", nameless) == "FIRING: an alert without a name")
    }

    @Test func newMembersAreNotMinded() throws {
        let body = try sample("firing", of: "alertmanager").body.replacing(
            "\"version\"",
            with: "\"notification_reason\": \"x\", \"routeLabels\": {\"a\": []}, \"version\""
        )
        #expect(try intake("alertmanager", body).alerts.count == 1)
    }

    @Test func longKeysAreBounded() throws {
        func key(_ end: String) throws -> String {
            let long = String(repeating: "k", count: 5000) + end
            return try intake("alertmanager", #"{"version": "4", "groupKey": "\#(long)", "alerts": [{"status": "firing"}]}"#).groupKey
        }
        #expect(try key("a").utf8.count <= 200)
        #expect(try key("a") != key("b"))
    }

    @Test func aHundredThousandAlerts() throws {
        let body = #"{"version": "4", "alerts": ["# + Array(repeating: #"{"status":"firing"}"#, count: 50_000).joined(separator: ",") + "]}"
        let made = try intake("alertmanager", body)
        #expect(made.alerts.count == 100)
        #expect(made.truncated == 49_900)
        #expect(try message("alertmanager", made).contains("and 49900 more"))
        let more = #"{"version": "4", "alerts": ["# + Array(repeating: "{}", count: 100_000).joined(separator: ",") + "]}"
        #expect(refusal("alertmanager", more)?.code == .tooLarge)
        #expect(refusal("alertmanager", String(repeating: " ", count: 1 << 20) + "{}")?.code == .tooLarge)
    }

    @Test func aMegabyteInALabel() throws {
        let long = String(repeating: "é", count: 250_000)
        let made = try intake(
            "alertmanager",
            #"{"version": "4", "alerts": [{"status": "firing", "labels": {"alertname": "A", "x": "\#(long)"}, "annotations": {"summary": "\#(long)"}}]}"#
        )
        let alert = try #require(made.alerts.first)
        #expect(alert.labels["x"]?.unicodeScalars.count == 1024)
        #expect(alert.labels["x"]?.last == "…")
        #expect(made.title.unicodeScalars.count <= 250)
        #expect(try message("alertmanager", made).unicodeScalars.count < 6000)
    }

    @Test func aThousandLabels() throws {
        let labels = (0..<1000).map { "\"l\(1000 + $0)\": \"v\"" }.joined(separator: ",")
        let made = try intake("alertmanager", #"{"version": "4", "alerts": [{"status": "firing", "labels": {\#(labels)}}]}"#)
        #expect(made.alerts.first?.labels.count == 64)
        #expect(made.alerts.first?.labels["l1000"] == "v")
    }

    @Test func labelsOfStrangersDoNoHarm() throws {
        let body =
            #"{"version": "4", "alerts": [{"status": "firing", "labels": {"alertname": "A\n\u0000FIRING: fake", "{{x}}": "{{headline}}", "b": "\u202eevil\u001b[2J", "": "empty"}, "annotations": {"summary": "{{#alerts}}{{/alerts}} &lt;b&gt; <b>"}, "generatorURL": "javascript:alert(1)"}]}"#
        let made = try intake("alertmanager", body)
        let text = try message("alertmanager", made)
        #expect(text.isHarmless)
        #expect(text == "FIRING: A FIRING: fake: {{#alerts}}{{/alerts}} &lt;b&gt; <b>\nb=evil[2J {{x}}={{headline}}")
        #expect(made.alerts.first?.link == nil)
    }

    @Test func endsOfWhatFiresDontCount() throws {
        let made = try intake(
            "alertmanager",
            #"{"version": "4", "alerts": [{"status": "firing", "startsAt": "2026-11-21T18:02:00Z", "endsAt": "2026-11-21T18:30:00Z"}]}"#
        )
        #expect(made.alerts.first?.ends == nil)
        #expect(made.alerts.first?.duration(at: sampleTime) == "12m")
    }
}
