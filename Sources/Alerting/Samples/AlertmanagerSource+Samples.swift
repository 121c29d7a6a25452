extension AlertmanagerSource {
    var samples: [SourceSample] {
        [
            SourceSample("firing", body: Self.firing),
            SourceSample("grouped", body: Self.grouped),
            SourceSample("resolved", body: Self.resolved),
        ]
    }

    private static let firing = #"""
        {
          "receiver": "oxbow", "status": "firing",
          "alerts": [
            {
              "status": "firing",
              "labels": {"alertname": "InstanceDown", "instance": "web-1:9100", "job": "node", "severity": "critical"},
              "annotations": {
                "summary": "web-1:9100 is down",
                "description": "web-1:9100 of job node hasn't answered for 5 minutes.",
                "runbook_url": "https://wiki.example.org/runbooks/InstanceDown"
              },
              "startsAt": "2026-11-21T18:02:00.417Z", "endsAt": "0001-01-01T00:00:00Z",
              "generatorURL": "https://prometheus.example.org/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
              "fingerprint": "3a1f6c2e9b70d485"
            }
          ],
          "groupLabels": {"alertname": "InstanceDown"},
          "commonLabels": {"alertname": "InstanceDown", "instance": "web-1:9100", "job": "node", "severity": "critical"},
          "commonAnnotations": {"summary": "web-1:9100 is down"},
          "externalURL": "https://alerts.example.org",
          "version": "4", "groupKey": "{}:{alertname=\"InstanceDown\"}", "truncatedAlerts": 0
        }
        """#

    private static let grouped = #"""
        {
          "receiver": "oxbow", "status": "firing",
          "alerts": [
            {
              "status": "firing",
              "labels": {"alertname": "HighLatency", "cluster": "eu", "instance": "api-1", "job": "api", "severity": "warning"},
              "annotations": {"summary": "p99 is 2.4 s"},
              "startsAt": "2026-11-21T18:02:00Z", "endsAt": "0001-01-01T00:00:00Z",
              "generatorURL": "https://prometheus.example.org/graph?g0.expr=p99", "fingerprint": "00000000000000a1"
            },
            {
              "status": "resolved",
              "labels": {"alertname": "HighLatency", "cluster": "eu", "instance": "api-2", "job": "api", "severity": "warning"},
              "annotations": {"summary": "p99 is 2.1 s"},
              "startsAt": "2026-11-21T17:40:00Z", "endsAt": "2026-11-21T18:10:00Z",
              "generatorURL": "https://prometheus.example.org/graph?g0.expr=p99", "fingerprint": "00000000000000a2"
            },
            {
              "status": "firing",
              "labels": {"alertname": "HighLatency", "cluster": "eu", "instance": "api-3", "job": "api", "severity": "critical"},
              "annotations": {"summary": "p99 is 9.8 s"},
              "startsAt": "2026-11-21T18:12:30Z", "endsAt": "0001-01-01T00:00:00Z",
              "generatorURL": "https://prometheus.example.org/graph?g0.expr=p99", "fingerprint": "00000000000000a3"
            }
          ],
          "groupLabels": {"alertname": "HighLatency", "cluster": "eu"},
          "commonLabels": {"alertname": "HighLatency", "cluster": "eu", "job": "api"},
          "commonAnnotations": {},
          "externalURL": "https://alerts.example.org",
          "version": "4", "groupKey": "{}/{severity=~\"warning|critical\"}:{alertname=\"HighLatency\", cluster=\"eu\"}", "truncatedAlerts": 2
        }
        """#

    private static let resolved = #"""
        {
          "receiver": "oxbow", "status": "resolved",
          "alerts": [
            {
              "status": "resolved",
              "labels": {"alertname": "InstanceDown", "instance": "web-1:9100", "job": "node", "severity": "critical"},
              "annotations": {"summary": "web-1:9100 is down"},
              "startsAt": "2026-11-21T18:02:00.417Z", "endsAt": "2026-11-21T18:13:30.417Z",
              "generatorURL": "https://prometheus.example.org/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
              "fingerprint": "3a1f6c2e9b70d485"
            }
          ],
          "groupLabels": {"alertname": "InstanceDown"},
          "commonLabels": {"alertname": "InstanceDown", "instance": "web-1:9100", "job": "node", "severity": "critical"},
          "commonAnnotations": {"summary": "web-1:9100 is down"},
          "externalURL": "https://alerts.example.org",
          "version": "4", "groupKey": "{}:{alertname=\"InstanceDown\"}", "truncatedAlerts": 0
        }
        """#
}
