import Alerting
import Crypto
import Foundation
import Oxbow
import Testing

@testable import OxbowHTTP

@Suite("Who may do what over HTTP") struct AuthenticationTests {
    private func hex(_ secret: String, _ text: String) -> String {
        HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: SymmetricKey(data: Data(secret.utf8)))
            .map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    @Test("GitHub's own example of a signature is computed alike")
    func example() {
        // The test values of GitHub's documentation.
        #expect(hex(TestServer.signingSecret, "Hello, World!") == "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")
    }

    @Test("each kind of credential is taken where it may, and the desk gets what was sent")
    func good() async throws {
        try await TestServer.run { server in
            let ways: [(String, String, [String])] = [
                ("alerts", "/hooks/alerts", [TestServer.bearer]),
                ("alerts", "/hooks/alerts", ["authorization: bearer \(TestServer.token)"]),
                ("note", "/hooks/note", [TestServer.basic("", TestServer.token)]),
                ("note", "/hooks/note", [TestServer.basic("alertmanager", TestServer.token)]),
                ("any", "/hooks/any", [TestServer.everything]),
                ("any", "/hooks/any/\(TestServer.pathToken)", []),
                ("lab", "/hooks/lab", ["X-Gitlab-Token: \(TestServer.signingSecret)"]),
            ]
            for (route, path, headers) in ways {
                let answer = try await server.ask("POST", path, headers, body: "{}")
                #expect(answer.status == 202, "\(path) \(headers): \(answer)")
                #expect(server.desk.received.last?.route == route)
            }
            #expect(server.desk.received.count == ways.count)
        }
    }

    @Test("signatures: GitHub's, Grafana's with and without a time, and the plain one")
    func signatures() async throws {
        try await TestServer.run { server in
            let body = #"{"a": 1}"#
            let now = 1_795_000_000
            let plain = hex(TestServer.signingSecret, body)
            let ways: [(String, [String])] = [
                ("/hooks/ci", ["X-Hub-Signature-256: sha256=\(plain)"]),
                ("/hooks/graphs", ["X-Grafana-Alerting-Signature: \(plain)"]),
                (
                    "/hooks/graphs",
                    [
                        "X-Grafana-Alerting-Signature: \(hex(TestServer.signingSecret, "\(now - 60):\(body)"))",
                        "X-Grafana-Alerting-Signature-Timestamp: \(now - 60)",
                    ]
                ),
                ("/hooks/any", ["X-Signature-256: \(plain)"]),
                ("/hooks/any", ["X-Signature-256: sha256=\(plain.uppercased())"]),
            ]
            for (path, headers) in ways {
                let answer = try await server.ask("POST", path, headers, body: body)
                #expect(answer.status == 202, "\(path) \(headers): \(answer)")
                #expect(server.desk.received.last?.request.body == Array(body.utf8))
            }
        }
    }

    @Test("what is wrong is 401 with a challenge, says nothing about routes, and changes nothing")
    func bad() async throws {
        try await TestServer.run { server in
            let body = "{}"
            let good = hex(TestServer.signingSecret, body)
            let late = 1_795_000_000 - 3600
            let ways: [(String, [String])] = [
                ("/hooks/alerts", []),
                ("/hooks/nowhere", []),
                ("/hooks/alerts", ["Authorization: Bearer wrong-wrong-wrong-wrong"]),
                ("/hooks/alerts", ["Authorization: Bearer "]),
                ("/hooks/alerts", ["Authorization: Bearer"]),
                ("/hooks/alerts", ["Authorization: Digest x"]),
                ("/hooks/alerts", ["Authorization: Basic !!!"]),
                ("/hooks/alerts", ["Authorization: Basic \(Data("nocolon".utf8).base64EncodedString())"]),
                ("/hooks/alerts", [TestServer.basic("mallory", TestServer.token)]),
                ("/hooks/alerts", [TestServer.basic("ops", TestServer.token)]),
                ("/hooks/alerts", [TestServer.bearer, TestServer.everything]),
                ("/hooks/any/\(TestServer.token)", []),
                ("/hooks/nowhere/\(TestServer.token)", []),
                ("/hooks/lab", ["X-Gitlab-Token: wrong-wrong-wrong-wrong"]),
                ("/hooks/lab", ["X-Gitlab-Token: \(TestServer.signingSecret)", "X-Gitlab-Token: \(TestServer.signingSecret)"]),
                ("/hooks/ci", ["X-Hub-Signature-256: sha256=\(hex("another secret, also long", body))"]),
                ("/hooks/ci", ["X-Hub-Signature-256: \(good)"]),
                ("/hooks/ci", ["X-Hub-Signature-256: sha256=\(good.dropLast())"]),
                ("/hooks/ci", ["X-Hub-Signature-256: sha256=\(good)", "X-Signature-256: \(good)"]),
                ("/hooks/ci", ["X-Hub-Signature: sha1=\(good)"]),
                ("/hooks/graphs", ["X-Hub-Signature-256: sha256=\(good)"]),
                ("/hooks/graphs", ["X-Grafana-Alerting-Signature: \(good)", "X-Grafana-Alerting-Signature-Timestamp: 1795000000"]),
                (
                    "/hooks/graphs",
                    [
                        "X-Grafana-Alerting-Signature: \(hex(TestServer.signingSecret, "\(late):\(body)"))",
                        "X-Grafana-Alerting-Signature-Timestamp: \(late)",
                    ]
                ),
                ("/hooks/graphs", ["X-Grafana-Alerting-Signature: \(good)", "X-Grafana-Alerting-Signature-Timestamp: soon"]),
            ]
            for (path, headers) in ways {
                let answer = try await server.ask("POST", path, headers, body: body)
                #expect(answer.status == 401, "\(path) \(headers): \(answer)")
                #expect(answer["www-authenticate"]?.contains("Bearer realm=\"oxbow\"") == true)
                #expect(answer.body.contains(#""error":"unauthorized""#))
                #expect(!answer.body.contains("nowhere"))
            }
            #expect(server.desk.received.isEmpty)
            let reasons = Set(
                server.counters.entries.filter { $0.key.name == "oxbow_http_refused_total" }.compactMap { $0.key.labels["reason"] }
            )
            #expect(
                reasons == [
                    "no-credential", "unknown-token", "unknown-password", "malformed-credential", "unknown-path-token", "bad-signature",
                    "stale-signature",
                ]
            )
            #expect(try await server.isWell())
        }
    }

    @Test("a good credential that may not do it is 403, whether there is such a route or not")
    func forbidden() async throws {
        try await TestServer.run { server in
            for path in ["/hooks/ci", "/hooks/nowhere"] {
                let answer = try await server.ask("POST", path, [TestServer.bearer], body: "{}")
                #expect(answer.status == 403, "\(path): \(answer)")
            }
            let signature = "X-Hub-Signature-256: sha256=\(hex(TestServer.signingSecret, "{}"))"
            for path in ["/hooks/alerts", "/hooks/nowhere"] {
                #expect(try await server.ask("POST", path, [signature], body: "{}").status == 403)
            }
            #expect(try await server.ask("GET", "/", [TestServer.bearer]).status == 403)
            #expect(try await server.ask("POST", "/api/send", [TestServer.bearer], body: "{}").status == 403)
            #expect(try await server.ask("GET", "/ready", [TestServer.bearer]).status == 403)
            #expect(server.desk.received.isEmpty)
            // Who may everything learns that it isn't there.
            #expect(try await server.ask("POST", "/hooks/nowhere", [TestServer.everything], body: "{}").status == 404)
        }
    }

    @Test("a signature or a path token opens hooks alone")
    func hooksAlone() async throws {
        try await TestServer.run { server in
            let signature = "X-Hub-Signature-256: sha256=\(hex(TestServer.signingSecret, "{}"))"
            for (method, path) in [("POST", "/api/send"), ("GET", "/"), ("GET", "/api/messages/x")] {
                let answer = try await server.ask(
                    method,
                    path,
                    [signature, "Content-Type: application/json"],
                    body: method == "POST" ? "{}" : nil
                )
                #expect(answer.status == 401)
            }
            #expect(try await server.ask("GET", "/\(TestServer.pathToken)").status == 404)
        }
    }

    @Test("R30: no secret is ever in the log, and a path token's path isn't either")
    func log() async throws {
        try await TestServer.run { server in
            for (path, headers) in [
                ("/hooks/any/\(TestServer.pathToken)", []), ("/hooks/any/x\(TestServer.pathToken)", []),
                ("/hooks/nowhere/\(TestServer.pathToken)/more", []), ("/hooks/alerts", [TestServer.bearer]),
                ("/hooks/alerts?auth=\(TestServer.token)", ["Authorization: Bearer guessed-\(TestServer.token)"]),
                ("/hooks/lab", ["X-Gitlab-Token: \(TestServer.signingSecret)"]),
                ("/", [TestServer.basic("ops", TestServer.opsPassword)]),
                ("/", [TestServer.basic("ops", "wrong" + TestServer.opsPassword)]),
            ] as [(String, [String])] {
                _ = try await server.ask("POST", path, headers, body: #"{"secret": "body-of-it"}"#)
            }
            let all = server.log.lines.joined(separator: "\n")
            for secret in [TestServer.token, TestServer.opsPassword, TestServer.signingSecret, TestServer.pathToken, "body-of-it"] {
                #expect(!all.contains(secret))
            }
            #expect(all.contains("route=/hooks/any"))
            #expect(!all.contains("nowhere"))
        }
    }

    @Test("refusals of one reason are logged once a minute, with how many were not")
    func flood() {
        let log = LogLines()
        let time = TestServer.Mutexed<Int64>(100)
        let refusals = RefusalLog(logger: log.logger) { time.value }
        for _ in 0..<5 { refusals.note("unknown-token", endpoint: "/hooks/{route}", peer: "192.0.2.1") }
        refusals.note("no-credential", endpoint: "/", peer: nil)
        #expect(log.lines.count == 2)
        time.value += 60
        refusals.note("unknown-token", endpoint: "/hooks/{route}", peer: nil)
        #expect(log.lines.count == 3)
        #expect(log.lines[2].contains("unsaid=4"))
    }

    @Test("a browser that sends something for another site's page is refused, whatever it knows")
    func crossSite() async throws {
        try await TestServer.run { server in
            let ops = TestServer.basic("ops", TestServer.opsPassword)
            let body = #"{"to": ["ada@example.org"], "text": "x"}"#
            for header in ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Origin: https://evil.example", "Origin: null"] {
                let answer = try await server.ask("POST", "/api/send", [ops, "Content-Type: application/json", header], body: body)
                #expect(answer.status == 403, "\(header)")
                #expect(try await server.ask("POST", "/hooks/alerts", [TestServer.bearer, header], body: "{}").status == 403)
            }
            for header in ["Sec-Fetch-Site: same-origin", "Origin: http://oxbow.test"] {
                let answer = try await server.ask("POST", "/api/send", [ops, "Content-Type: application/json", header], body: body)
                #expect(answer.status == 202, "\(header)")
            }
            #expect(server.desk.received.isEmpty)
        }
    }
}
