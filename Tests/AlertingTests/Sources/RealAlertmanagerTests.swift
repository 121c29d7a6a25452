import Alerting
import Testing

/// What Alertmanager 0.25.0 (Debian's) really sent: a group of three with `max_alerts: 2`, of which one then resolves. To the byte, but for the
/// direction mark, which is escaped here.
@Suite struct RealAlertmanagerTests {
    @Test func firing() throws {
        let made = try intake("alertmanager", Self.first)
        #expect(made.groupKey == #"{}:{alertname="HighLatency", cluster="eu"}"#)
        #expect(made.truncated == 1)
        #expect(made.alerts.map(\.fingerprint) == ["df067c9d19773813", "098a82add29e79df"])
        #expect(made.alerts[0].text == "says \"slow\" <b>é</b>\nnext")
        #expect(made.alerts[0].link == "http://prometheus.example.org/graph?g0.expr=a%3Eb&x=1")
        #expect(made.alerts[1].link == nil)
        #expect(
            try message("alertmanager", made) == """
                FIRING critical: HighLatency (cluster=eu), 3 alerts
                - instance=api-1 (0s): p99 is 2.4 s
                - instance=api-2 (0s): p99 is 1.4 s
                and 1 more
                http://vm:58947
                """
        )
    }

    @Test func oneResolves() throws {
        let made = try intake("alertmanager", Self.second)
        #expect(made.status == .firing)
        #expect(made.alerts.map(\.status) == [.firing, .resolved])
        #expect(try message("alertmanager", made).hasPrefix("FIRING warning: HighLatency (cluster=eu), 3 alerts: 1 firing, 1 resolved\n"))
    }

    /// R28, on real bodies: the resolution of one is news though the group's key and status stay.
    @Test func r28() throws {
        let (first, second) = (try intake("alertmanager", Self.first), try intake("alertmanager", Self.second))
        #expect(first.repeatKey(route: "r") != second.repeatKey(route: "r"))
        #expect(try first.repeatKey(route: "r") == intake("alertmanager", Self.first + "\n").repeatKey(route: "r"))
        // Of what max_alerts left out, only the number is known: another number is news.
        let more = try intake("alertmanager", Self.first.replacing(#""truncatedAlerts":1"#, with: #""truncatedAlerts":2"#))
        #expect(more.repeatKey(route: "r") != first.repeatKey(route: "r"))
    }

    /// A resolution without a time is one, too.
    @Test func resolvedWithoutAnEnd() throws {
        let endless = Self.second.replacing("2026-11-21T18:48:04Z", with: "")
        let ended = try intake("alertmanager", endless)
        let firing = try intake("alertmanager", endless.replacing("resolved", with: "firing"))
        #expect(ended.repeatKey(route: "r") != firing.repeatKey(route: "r"))
    }

    private static let first = #"""
        {"receiver":"oxbow","status":"firing","alerts":[{"status":"firing","labels":{"alertname":"HighLatency","cluster":"eu",\#
        "instance":"api-1","severity":"critical"},\#
        "annotations":{"description":"says \"slow\" \u003cb\u003eé\u003c/b\u003e\u202e\nnext","summary":"p99 is 2.4 s"},\#
        "startsAt":"2026-11-21T18:48:01.675665656Z","endsAt":"0001-01-01T00:00:00Z",\#
        "generatorURL":"http://prometheus.example.org/graph?g0.expr=a%3Eb\u0026x=1","fingerprint":"df067c9d19773813"},\#
        {"status":"firing","labels":{"alertname":"HighLatency","cluster":"eu","instance":"api-2","severity":"warning"},\#
        "annotations":{"summary":"p99 is 1.4 s"},"startsAt":"2026-11-21T18:48:01.675665656Z","endsAt":"0001-01-01T00:00:00Z",\#
        "generatorURL":"","fingerprint":"098a82add29e79df"}],"groupLabels":{"alertname":"HighLatency","cluster":"eu"},\#
        "commonLabels":{"alertname":"HighLatency","cluster":"eu"},"commonAnnotations":{},"externalURL":"http://vm:58947",\#
        "version":"4","groupKey":"{}:{alertname=\"HighLatency\", cluster=\"eu\"}","truncatedAlerts":1}
        """#

    private static let second = #"""
        {"receiver":"oxbow","status":"firing","alerts":[{"status":"resolved","labels":{"alertname":"HighLatency",\#
        "cluster":"eu","instance":"api-1","severity":"critical"},"annotations":{"summary":"p99 is 2.4 s"},\#
        "startsAt":"2026-11-21T18:48:01.675665656Z","endsAt":"2026-11-21T18:48:04Z","generatorURL":"",\#
        "fingerprint":"df067c9d19773813"},{"status":"firing","labels":{"alertname":"HighLatency","cluster":"eu",\#
        "instance":"api-2","severity":"warning"},"annotations":{"summary":"p99 is 1.4 s"},\#
        "startsAt":"2026-11-21T18:48:01.675665656Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"",\#
        "fingerprint":"098a82add29e79df"}],"groupLabels":{"alertname":"HighLatency","cluster":"eu"},\#
        "commonLabels":{"alertname":"HighLatency","cluster":"eu"},"commonAnnotations":{},"externalURL":"http://vm:58947",\#
        "version":"4","groupKey":"{}:{alertname=\"HighLatency\", cluster=\"eu\"}","truncatedAlerts":1}
        """#
}
