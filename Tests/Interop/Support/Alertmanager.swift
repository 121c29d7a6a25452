import Foundation

/// Debian's Alertmanager on loopback, alone, with a folder of its own; `amtool` fires, resolves and looks. It ends with the running test.
final class Alertmanager: Sendable {
    /// Its address.
    let url: String
    private let folder: String
    private let command: [String]

    /// Where it sends to.
    struct Hook: Sendable {
        var url: String
        var token: String
    }

    /// Starts one that groups by `alertname` and is in a hurry.
    ///
    /// - Parameters:
    ///   - wait: How long a group is held back for alerts to come.
    ///   - interval: How often a group that has changed is sent, or one whose sending has failed.
    ///   - again: How often a group that has not changed is sent.
    init(to hook: Hook, wait: String = "300ms", interval: String = "1s", again: String = "1h") async throws {
        let port = try await Web().ports(1)[0]
        folder = try Folder.temporary(forNobody: true)
        url = "http://127.0.0.1:\(port)"
        let configuration = """
            route: {receiver: oxbow, group_by: [alertname], group_wait: \(wait), group_interval: \(interval), repeat_interval: \(again)}
            receivers:
              - name: oxbow
                webhook_configs:
                  - url: \(hook.url)
                    send_resolved: true
                    http_config: {authorization: {credentials_file: \(folder)/token}}
            """
        for (name, text) in [("alertmanager.yml", configuration), ("token", hook.token)] {
            try Folder.write(text, to: "\(folder)/\(name)", mode: 0o644)
        }
        command = [
            "prometheus-alertmanager", "--config.file=\(folder)/alertmanager.yml", "--storage.path=\(folder)/data",
            "--web.listen-address=127.0.0.1:\(port)", "--cluster.listen-address=", "--web.external-url=\(url)", "--log.level=debug",
        ]
        let leash = try await Leash(command, folder: folder, unprivileged: true)
        Cleanup.after { await leash.stop() }
        try await leash.line(containing: "Listening")
        self.leash = leash
    }
    private let leash: Leash

    /// What it has logged.
    var log: Recording<Leash.Line> { leash.lines }

    /// Fires alerts, or says again that they fire.
    func fire(_ labels: [String: String]..., annotations: [String: String] = [:]) async throws {
        try await post(labels, annotations, end: nil)
    }

    /// Resolves alerts.
    func resolve(_ labels: [String: String]..., annotations: [String: String] = [:]) async throws {
        try await post(labels, annotations, end: Wire.now())
    }

    /// All at once, by the API that Prometheus uses.
    private func post(_ alerts: [[String: String]], _ annotations: [String: String], end: String?) async throws {
        let list = JSON.array(
            alerts.map { labels in
                var alert: [String: JSON] = [
                    "labels": .object(labels.mapValues(JSON.string)), "annotations": .object(annotations.mapValues(JSON.string)),
                    "generatorURL": "http://prometheus.example.org/graph?g0.expr=up",
                ]
                alert["endsAt"] = end.map(JSON.string)
                return .object(alert)
            }
        )
        let sent = try await Leash.run(
            ["curl", "-sS", "--fail-with-body", "-H", "Content-Type: application/json", "--data-binary", "@-", url + "/api/v2/alerts"],
            input: list.line
        )
        guard sent.code == 0 else { throw Trouble("Alertmanager: \(sent.out)\(sent.err)") }
    }

    /// Runs amtool, which has to succeed, and returns what it says.
    @discardableResult
    func amtool(_ arguments: String...) async throws -> String {
        let end = try await Leash.run(["amtool", "--no-version-check", "--alertmanager.url=\(url)"] + arguments)
        guard end.code == 0 else { throw Trouble("amtool \(arguments.joined(separator: " ")): \(end.err)\(end.out)") }
        return end.out
    }

    /// The silences that hold, as amtool has them.
    func silences() async throws -> [JSON] { try JSON(line: try await amtool("silence", "query", "-o", "json")).array ?? [] }
}
