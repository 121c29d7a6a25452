import Foundation

/// Bodies as senders write them.
enum Payload {
    /// Alertmanager's webhook, version 4: one group by `alertname`, with an alert for each instance.
    static func alertmanager(
        _ name: String,
        _ alerts: [(instance: String, status: String)],
        status: String = "firing",
        annotations: [String: String] = [:],
        labels more: [String: String] = [:]
    ) -> String {
        func object(_ members: [String: String]) -> JSON { .object(members.mapValues(JSON.string)) }
        let list = alerts.map { alert -> JSON in
            [
                "status": .string(alert.status),
                "labels": object(["alertname": name, "instance": alert.instance].merging(more) { $1 }),
                "annotations": object(annotations), "startsAt": "2026-11-21T18:02:11.000Z",
                "endsAt": .string(alert.status == "firing" ? "0001-01-01T00:00:00Z" : "2026-11-21T18:14:11.000Z"),
                "generatorURL": "http://prometheus.example.org/graph", "fingerprint": .string("\(name)-\(alert.instance)"),
            ]
        }
        let body: JSON = [
            "version": "4", "groupKey": .string("{}:{alertname=\"\(name)\"}"), "status": .string(status), "receiver": "oxbow",
            "groupLabels": object(["alertname": name]), "commonLabels": object(["alertname": name].merging(more) { $1 }),
            "commonAnnotations": object(annotations), "externalURL": "http://alertmanager.example.org", "truncatedAlerts": 0,
            "alerts": .array(list),
        ]
        return (try? body.line) ?? ""
    }
}
