import Alerting
import Testing

@Suite struct GrafanaSourceTests {
    @Test func firing() throws {
        let made = try intake("grafana", sample: "firing")
        #expect(made.details["message"] == .text("**Firing**\n\nValue: B=4.23, C=1"))
        #expect(made.details["org"] == .text("1"))
        #expect(made.alerts.first?.values == ["B": "4.23944", "C": "1"])
        #expect(made.alerts.first?.annotations["silence_url"]?.hasPrefix("https://grafana.example.org/alerting/silence/new") == true)
        #expect(
            try message("grafana", made) == """
                FIRING: Memory: db-1 has little memory left
                Below 5 % for ten minutes.
                grafana_folder=Hosts host=db-1
                B=4.23944 C=1
                since 2026-11-21 18:02 UTC (11m)
                https://grafana.example.org/d/hosts?orgId=1&viewPanel=4
                """
        )
        #expect(
            try message("grafana", made, template: "{{grafana_title}}\n{{message}}")
                == "[FIRING:1] Memory Hosts (db-1)\n**Firing**\n\nValue: B=4.23, C=1"
        )
    }

    @Test func grouped() throws {
        #expect(
            try message("grafana", intake("grafana", sample: "grouped")) == """
                FIRING: Load, 2 alerts: 1 firing, 1 resolved
                team=ops
                - host=web-1 (14m) [A=17.5]
                - resolved host=web-2 (1h 13m)
                https://grafana.example.org/
                """
        )
    }

    @Test func withoutValues() throws {
        #expect(try intake("grafana", sample: "no-data").alerts.first?.values == [:])
    }

    @Test func legacyIsNamed() {
        #expect(refusal("grafana", #"{"ruleName": "Load", "state": "alerting", "evalMatches": []}"#)?.message.contains("legacy") == true)
        #expect(refusal("grafana", "{}")?.path == "alerts")
        #expect(refusal("grafana", #"{"alerts": [{"status": "firing", "values": [1]}]}"#)?.path == "alerts[0].values")
    }
}
