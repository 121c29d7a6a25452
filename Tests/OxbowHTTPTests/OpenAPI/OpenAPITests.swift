import Alerting
import Foundation
import HTTPTypes
import Oxbow
import Synchronization
import Testing
import YAMLConfiguration

@testable import OxbowHTTP

@Suite("The OpenAPI document") struct OpenAPITests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent()

    /// With OXBOW_WRITE_DOCS=1 the test writes it anew.
    @Test("docs/openapi.yaml is what is served")
    func file() async throws {
        let file = Self.root.appendingPathComponent("docs/openapi.yaml")
        if ProcessInfo.processInfo.environment["OXBOW_WRITE_DOCS"] == "1" {
            try Data(OpenAPIDocument.yaml.utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == OpenAPIDocument.yaml, "write it anew with OXBOW_WRITE_DOCS=1")
        try await TestServer.run { server in
            let answer = try await server.ask("GET", "/openapi.yaml")
            #expect(answer.body == OpenAPIDocument.yaml)
            #expect(answer["content-type"] == "application/yaml")
        }
    }

    @Test(
        "it is YAML with every path and method of the router's table, every reference leads somewhere, every operation has an id of its own"
    )
    func shape() throws {
        let root = try ConfigurationFile(text: OpenAPIDocument.yaml, path: "openapi.yaml").root
        let paths = try #require(root["paths"])
        var ids: [String] = []
        for endpoint in Endpoint.allCases {
            let item = try #require(paths[endpoint.rawValue])
            for method in endpoint.methods {
                let operation = try #require(item[method.rawValue.lowercased()])
                guard case .scalar(let id)? = operation["operationId"]?.content else {
                    Issue.record("\(endpoint) has no id")
                    continue
                }
                ids.append(id)
            }
        }
        #expect(Set(ids).count == ids.count)
        let schemas = try #require(root["components"]?["schemas"])
        for reference in OpenAPIDocument.yaml.split(separator: "\n").compactMap({ $0.split(separator: "#/components/schemas/").last }) {
            guard reference.hasSuffix("\""), !reference.contains(" ") else { continue }
            #expect(schemas[String(reference.dropLast())] != nil, "\(reference)")
        }
    }

    /// One request, and what it should be answered.
    private struct Trial {
        var method = "GET"
        var path: String
        var headers: [String] = []
        var body: String?
        var status: Int
        var before: @Sendable (TestServer) -> Void = { _ in }
    }

    private var trials: [Trial] {
        let all = [TestServer.everything]
        let json = all + ["Content-Type: application/json"]
        let message = #"{"to": ["ada@example.org", "bob@example.org"], "text": "x"}"#
        let foreign = ["Sec-Fetch-Site: cross-site"]
        let few = [TestServer.bearer]
        let token = TestServer.pathToken
        @Sendable func outcome(_ outcome: Result<HookOutcome, HookError>) -> @Sendable (TestServer) -> Void {
            { server in server.desk.state.withLock { $0.outcome = outcome } }
        }
        @Sendable func sending(_ states: [SendOutcome.State]) -> @Sendable (TestServer) -> Void {
            { server in
                server.control.state.withLock {
                    $0.sending = { request in
                        guard !states.isEmpty else { throw ControlError(.usage, "no such account") }
                        return SendReport(
                            zip(request.to, states).map { to, state in
                                SendOutcome(
                                    to: to,
                                    state: state,
                                    id: state == .accepted ? "id" : nil,
                                    error: state == .accepted ? nil : ControlError(.failed, "full")
                                )
                            }
                        )
                    }
                }
            }
        }
        @Sendable func account(_ state: String) -> @Sendable (TestServer) -> Void {
            { server in
                server.control.state.withLock { $0.accounts = [StatusReport.Account(jid: "a@b", state: state, reason: "why", since: 1)] }
            }
        }
        var trials: [Trial] = []
        for (path, headers) in [("/hooks/any", all), ("/hooks/any/\(token)", [])] {
            trials += [
                Trial(
                    method: "POST",
                    path: path,
                    headers: headers,
                    body: "{}",
                    status: 202,
                    before: outcome(.success(.told(messages: 2, conversation: 12)))
                ),
                Trial(method: "PUT", path: path, headers: headers, body: "{}", status: 202),
                Trial(method: "POST", path: path, headers: headers, body: "{}", status: 200, before: outcome(.success(.nothing("begun")))),
                Trial(
                    method: "POST",
                    path: path,
                    headers: headers,
                    body: "{}",
                    status: 503,
                    before: outcome(.failure(HookError(.unavailable, "full")))
                ),
                Trial(
                    method: "POST",
                    path: path,
                    headers: headers,
                    body: "{}",
                    status: 422,
                    before: outcome(.failure(HookError(SourceError(.shape, "is no list"))))
                ),
                Trial(
                    method: "POST",
                    path: path,
                    headers: headers + ["Idempotency-Key: a b"],
                    body: "{}",
                    status: 400,
                    before: outcome(.success(.repeated))
                ),
                Trial(method: "POST", path: path, headers: headers + ["Content-Encoding: gzip"], body: "{}", status: 415),
                Trial(method: "POST", path: path, headers: headers, body: String(repeating: "x", count: 70_000), status: 413),
                Trial(method: "POST", path: path, headers: headers + foreign, body: "{}", status: 403),
                Trial(method: "GET", path: path, headers: headers, status: 405),
            ]
        }
        trials += [
            Trial(method: "POST", path: "/hooks/none", headers: all, body: "{}", status: 404),
            Trial(method: "POST", path: "/hooks/any/\(token)x", body: "{}", status: 401),
            Trial(method: "POST", path: "/hooks/none/\(TestServer.widePathToken)", body: "{}", status: 404),
            Trial(method: "POST", path: "/hooks/any", body: "{}", status: 401),
            Trial(method: "POST", path: "/api/send", headers: json, body: message, status: 202, before: sending([.accepted, .accepted])),
            Trial(method: "POST", path: "/api/send", headers: json, body: message, status: 207, before: sending([.accepted, .notSent])),
            Trial(method: "POST", path: "/api/send", headers: json, body: message, status: 503, before: sending([.notSent, .notSent])),
            Trial(method: "POST", path: "/api/send", headers: json, body: message, status: 422, before: sending([])),
            Trial(method: "POST", path: "/api/send", headers: json, body: "{", status: 400),
            Trial(method: "POST", path: "/api/send", headers: all, body: message, status: 415),
            Trial(method: "POST", path: "/api/send", headers: json, body: String(repeating: "x", count: 70_000), status: 413),
            Trial(method: "POST", path: "/api/send", body: message, status: 401),
            Trial(method: "POST", path: "/api/send", headers: few, body: message, status: 403),
            Trial(method: "GET", path: "/api/send", status: 405),
            Trial(path: "/api/messages/m-1", headers: all, status: 200) { server in
                let text =
                    #"{"number":7,"id":"m-1","account":"a@b","to":"c@d","state":"held","attempts":1,"accepted":5,"expires":9,"next":8,"settled":8,"reason":"no-key","words":"w","size":3}"#
                let item = try? JSONDecoder().decode(OutboxReport.Item.self, from: Data(text.utf8))
                server.control.state.withLock { $0.items = [item].compactMap(\.self) }
            },
            Trial(path: "/api/messages/m-2", headers: all, status: 404),
            Trial(path: "/api/messages/m-1", status: 401), Trial(path: "/api/messages/m-1", headers: few, status: 403),
            Trial(path: "/api/messages/m-1?%", headers: all, status: 400),
            Trial(method: "POST", path: "/api/messages/m-1", headers: all, status: 405),
            Trial(path: "/openapi.yaml", status: 200), Trial(path: "/openapi.yaml?%", status: 400),
            Trial(method: "PUT", path: "/openapi.yaml", status: 405),
            Trial(path: "/live", status: 200), Trial(method: "POST", path: "/live", status: 405), Trial(path: "/live?%", status: 400),
            Trial(path: "/ready", status: 200), Trial(path: "/ready", headers: all, status: 200),
            Trial(path: "/ready", headers: all, status: 503, before: account("offline")), Trial(path: "/ready", status: 503),
            Trial(path: "/ready/a@b", headers: all, status: 503),
            Trial(path: "/ready/a@b", headers: all, status: 200, before: account("online")),
            Trial(path: "/ready/c@d", headers: all, status: 404), Trial(path: "/ready/a@b", status: 401),
            Trial(path: "/ready/a@b", headers: few, status: 403), Trial(method: "POST", path: "/ready/a@b", status: 405),
            Trial(path: "/ready/a@b?%", status: 400), Trial(path: "/ready", headers: ["Authorization: Bearer x"], status: 401),
            Trial(path: "/ready", headers: few, status: 403), Trial(path: "/ready?%", status: 400),
            Trial(method: "POST", path: "/ready", status: 405),
            Trial(path: "/", headers: all, status: 200), Trial(path: "/", status: 401), Trial(path: "/", headers: few, status: 403),
            Trial(path: "/?%", status: 400), Trial(method: "POST", path: "/", status: 405),
            Trial(path: "/metrics", headers: all, status: 200), Trial(path: "/metrics", status: 401),
            Trial(path: "/metrics", headers: few, status: 403),
            Trial(path: "/metrics?%", status: 400), Trial(method: "POST", path: "/metrics", status: 405),
            Trial(path: "/api/messages/m-2", headers: all, status: 503) { server in
                server.control.state.withLock { $0.outboxTrouble = ControlError(.failed, "the store doesn't answer") }
            },
            Trial(path: "/live", status: 503) { $0.alive.value = false },
        ]
        return trials
    }

    @Test("every answer is described with its type and shape, and everything that is described is answered")
    func answers() async throws {
        // Metrics that anybody could reach need a credential; 0.0.0.0 is reached on loopback too.
        let yaml = TestServer.yaml.replacing("metrics: {listen: 127.0.0.1:0}", with: "metrics: {listen: 0.0.0.0:0}\n  behind_proxy: true")
        var seen: Set<String> = []
        let answers = try await TestServer.run(yaml) { server in
            guard case .tcp(_, let port) = server.metrics else { return [(Trial, RawConnection.Answer)]() }
            var answers: [(Trial, RawConnection.Answer)] = []
            for trial in trials {
                trial.before(server)
                server.later()
                let address = trial.path.hasPrefix("/metrics") ? ListenAddress.tcp(host: "127.0.0.1", port: port) : server.main
                answers.append((trial, try await server.ask(trial.method, trial.path, trial.headers, body: trial.body, at: address)))
            }
            return answers
        }
        for (trial, answer) in answers {
            #expect(answer.status == trial.status, "\(trial.method) \(trial.path): \(answer)")
            let target = String(trial.path.prefix { $0 != "?" })
            let segments = target.split(separator: "/").map(String.init)
            let endpoint = try #require((Endpoint.find(segments, on: .main) ?? Endpoint.find(segments, on: .metrics))?.0)
            let reply = try #require(
                Operation(endpoint).replies.first { $0.status == answer.status },
                "\(trial.method) \(endpoint.rawValue) answers \(answer.status), which isn't described"
            )
            let type = String((answer["content-type"] ?? "").prefix { $0 != ";" })
            if type == "application/json" {
                let fitting = try reply.contents.filter { content in
                    guard case .json(let name) = content else { return false }
                    return try Self.fits(answer.body, name)
                }
                #expect(fitting.count == 1, "\(trial.method) \(trial.path) \(answer)")
                for case .json(let name) in fitting { seen.insert("\(endpoint.rawValue) \(answer.status) \(name)") }
            } else {
                #expect(reply.contents.contains(.text(type)), "\(trial.method) \(trial.path): \(type)")
                seen.insert("\(endpoint.rawValue) \(answer.status) \(type)")
            }
        }
        var described: Set<String> = []
        for endpoint in Endpoint.allCases {
            for reply in Operation(endpoint).replies {
                for content in reply.contents {
                    switch content {
                    case .json(let name): described.insert("\(endpoint.rawValue) \(reply.status) \(name)")
                    case .text(let type): described.insert("\(endpoint.rawValue) \(reply.status) \(type)")
                    }
                }
            }
        }
        // What follows when the accounts can't be asked at all has no trial of its own here.
        let untried: Set = ["/api/send 503 Refusal", "/ready 503 Refusal", "/ready/{account} 503 Refusal"]
        #expect(described.subtracting(seen).subtracting(untried).sorted() == [])
        #expect(seen.subtracting(described).sorted() == [])
    }

    /// Whether JSON has a schema's shape: every required property, no other, each of its type.
    private static func fits(_ text: String, _ name: String) throws -> Bool {
        guard let value = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else { return false }
        return fits(value, name)
    }

    private static func fits(_ value: [String: Any], _ name: String) -> Bool {
        guard let schema = OpenAPISchemas.all.first(where: { $0.name == name }) else { return false }
        guard schema.properties.filter(\.isRequired).allSatisfy({ value[$0.name] != nil }) else { return false }
        return value.allSatisfy { key, value in
            guard let property = schema.properties.first(where: { $0.name == key }), case .map(let pairs) = property.type else {
                return false
            }
            let type = pairs.first { $0.key == "type" }?.value
            guard case .text(let word)? = type else { return false }
            switch word {
            case "string":
                guard let text = value as? String else { return false }
                guard case .list(let choices)? = pairs.first(where: { $0.key == "enum" })?.value else { return true }
                return choices.contains { if case .text(text) = $0 { true } else { false } }
            case "integer": return value is Int
            case "boolean": return value is Bool
            case "array":
                guard let items = value as? [[String: Any]], case .map(let item)? = pairs.first(where: { $0.key == "items" })?.value,
                    case .text(let reference)? = item.first(where: { $0.key == "$ref" })?.value
                else { return value is [String] }
                return items.allSatisfy { fits($0, String(reference.split(separator: "/").last ?? "")) }
            default: return false
            }
        }
    }
}
