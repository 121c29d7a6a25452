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

    /// A run of GitHub's that has failed.
    static func githubRun(_ name: String) -> String {
        let run: JSON = [
            "id": 31, "name": .string(name), "status": "completed", "conclusion": "failure", "head_branch": "main", "run_number": 31,
            "workflow_id": 7, "html_url": "https://github.com/example/tank/actions/runs/31", "head_sha": "0123456789abcdef",
        ]
        let body: JSON = [
            "action": "completed", "workflow_run": run, "workflow": ["id": 7, "name": .string(name)],
            "repository": ["full_name": "example/tank", "html_url": "https://github.com/example/tank"], "sender": ["login": "ada"],
        ]
        return (try? body.line) ?? ""
    }

    /// A pipeline of GitLab's that has failed.
    static func gitlabPipeline(_ project: String) -> String {
        let body: JSON = [
            "object_kind": "pipeline", "object_attributes": ["id": 7, "status": "failed", "ref": "main"],
            "project": ["path_with_namespace": .string(project), "web_url": .string("https://git.example.org/\(project)")],
        ]
        return (try? body.line) ?? ""
    }
}
