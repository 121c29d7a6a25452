import Alerting
import Foundation
import NIOCore
import Oxbow
import Synchronization
import Testing

@testable import OxbowHTTP

@Suite("What is served over HTTP") struct HTTPRoutesTests {
    @Test("a hook gets the body, the headers that its source reads and no others, the query, and the key")
    func hook() async throws {
        try await TestServer.run { server in
            let answer = try await server.ask(
                "PUT",
                "/hooks/note?group=door+bell&title=%C3%84",
                [
                    TestServer.bearer, "Title: Disk full", "Priority: urgent", "Cookie: a=b", "Content-Type: text/plain",
                    "Idempotency-Key: k-1",
                ],
                body: "98 %"
            )
            #expect(answer.status == 202)
            #expect(answer.body == #"{"conversation":12,"messages":2,"outcome":"told"}"# + "\n")
            let received = try #require(server.desk.received.first)
            #expect(received.request.headers == ["title": "Disk full", "priority": "urgent"])
            #expect(received.request.query == ["group": "door bell", "title": "Ä"])
            #expect(received.request.contentType == "text/plain")
            #expect(received.delivery == "k-1")
            #expect(received.request.received.timeIntervalSince1970 == 1_795_000_000)
        }
    }

    @Test("every outcome is of the 200 class; a refusal has its own status; what can't be accepted now is 503 with a time to come again")
    func outcomes() async throws {
        try await TestServer.run { server in
            for (outcome, status) in [
                (.repeated, 200), (.folded, 200), (.acknowledged, 200), (.muted, 200), (.heartbeat, 200), (.nothing("only begun"), 200),
                (.told(messages: 1, conversation: nil), 202),
            ] as [(HookOutcome, Int)] {
                server.desk.state.withLock { $0.outcome = .success(outcome) }
                let answer = try await server.ask("POST", "/hooks/alerts", [TestServer.bearer], body: "{}")
                #expect(answer.status == status)
                #expect(answer.body.contains("\"outcome\":\"\(outcome.word)\""))
            }
            for (error, status) in [
                (HookError(.unavailable, "the store fails"), 503), (HookError(SourceError(.shape, at: "alerts[3]", "is a string")), 422),
                (HookError(HookError.Code("odd", status: 99), "x"), 500),
            ] {
                server.desk.state.withLock { $0.outcome = .failure(error) }
                let answer = try await server.ask("POST", "/hooks/alerts", [TestServer.bearer], body: "{}")
                #expect(answer.status == status)
                #expect((answer["retry-after"] == "5") == (status == 503))
            }
        }
    }

    @Test("a 2xx comes after the desk has it on disk, never before")
    func order() async throws {
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        let (entered, enter) = AsyncStream.makeStream(of: Void.self)
        let desk = RecordingDesk {
            enter.yield()
            for await _ in gate { return }
        }
        try await TestServer.run(desk: desk) { server in
            try await RawConnection.open(server.main) { connection in
                try await connection.send(TestServer.request("POST", "/hooks/alerts", [TestServer.bearer], body: "{}"))
                for await _ in entered { break }
                #expect(server.counters.total("oxbow_http_requests_total") == 0)
                opener.yield()
                #expect(try await connection.answer().status == 202)
            }
        }
    }

    @Test("keys are 1 to 255 visible characters, given once; compressed bodies aren't read")
    func keys() async throws {
        try await TestServer.run { server in
            for key in ["a b", "ä", String(repeating: "k", count: 256), ""] {
                let answer = try await server.ask("POST", "/hooks/alerts", [TestServer.bearer, "Idempotency-Key: \(key)"], body: "{}")
                #expect(answer.status == 400, "\(key.prefix(9))")
            }
            let twice = [TestServer.bearer, "Idempotency-Key: a", "Idempotency-Key: a"]
            #expect(try await server.ask("POST", "/hooks/alerts", twice, body: "{}").status == 400)
            let packed = [TestServer.bearer, "Content-Encoding: gzip"]
            #expect(try await server.ask("POST", "/hooks/alerts", packed, body: "{}").status == 415)
            #expect(server.desk.received.isEmpty)
        }
    }

    @Test("a message is queued for each recipient, with a key that is the sender's own")
    func send() async throws {
        try await TestServer.run { server in
            let headers = [TestServer.everything, "Content-Type: application/json; charset=utf-8", "Idempotency-Key: k"]
            let body = #"{"to": ["ada@example.org", "bob@example.org"], "text": "Hello", "from": "alerts@example.org", "subject": "S"}"#
            let answer = try await server.ask("POST", "/api/send", headers, body: body)
            #expect(answer.status == 202)
            let items = try JSONDecoder().decode(SendAnswer.self, from: Data(answer.body.utf8)).messages
            #expect(items.map(\.id) == ["id-0", "id-1"])
            #expect(items.map(\.state) == ["accepted", "accepted"])
            let request = try #require(server.control.state.withLock { $0.requests.first })
            #expect(request.queue == true)
            #expect(request.key == "everything:k")
            #expect(request.to == ["ada@example.org", "bob@example.org"])
            #expect((request.from, request.subject, request.text) == ("alerts@example.org", "S", "Hello"))
            let one = try await server.ask("POST", "/api/send", Array(headers.prefix(2)), body: #"{"to": "ada@example.org", "text": "x"}"#)
            #expect(one.status == 202)
            #expect(server.control.state.withLock { $0.requests.last?.key } == nil)
            #expect(try await server.ask("POST", "/api/send", [TestServer.everything], body: body).status == 415)
            #expect(server.log.lines.contains { $0.contains("messages=id-0 id-1") })
            #expect(!server.log.lines.contains { $0.contains("Hello") })
        }
    }

    @Test("what isn't on disk isn't said to be: 503 where repeating does no harm, 207 where it would")
    func partial() async throws {
        try await TestServer.run { server in
            let headers = [TestServer.everything, "Content-Type: application/json"]
            let body = #"{"to": ["ada@example.org", "bob@example.org"], "text": "Hello"}"#
            func answers(_ states: [SendOutcome.State], key: Bool) async throws -> Int {
                server.control.state.withLock {
                    $0.sending = { request in
                        SendReport(
                            zip(request.to, states).map { SendOutcome(to: $0, state: $1, error: ControlError(.failed, "the disk is full")) }
                        )
                    }
                }
                return try await server.ask("POST", "/api/send", headers + (key ? ["Idempotency-Key: k"] : []), body: body).status
            }
            #expect(try await answers([.accepted, .notSent], key: false) == 207)
            #expect(try await answers([.accepted, .notSent], key: true) == 503)
            #expect(try await answers([.notSent, .notSent], key: false) == 503)
            for (code, status) in [(ControlError.Code.usage, 422), (.noKey, 422), (.offline, 503), (.failed, 503)] {
                server.control.state.withLock { $0.sending = { _ in throw ControlError(code, "why") } }
                let answer = try await server.ask("POST", "/api/send", headers, body: body)
                #expect(answer.status == status)
                #expect(answer.body.contains("why"))
            }
        }
    }

    @Test("a message's state is asked for by its id, not by the store's number")
    func message() async throws {
        try await TestServer.run { server in
            let item = try JSONDecoder().decode(
                OutboxReport.Item.self,
                from: Data(
                    #"{"number":7,"id":"m-1","account":"a@b","to":"c@d","state":"held","attempts":1,"accepted":5,"expires":9,"reason":"no-key"}"#
                        .utf8
                )
            )
            server.control.state.withLock { $0.items = [item] }
            let answer = try await server.ask("GET", "/api/messages/m-1", [TestServer.everything])
            #expect(answer.status == 200)
            #expect(try JSONDecoder().decode(OutboxReport.Item.self, from: Data(answer.body.utf8)) == item)
            for id in ["7", "m-2", String(repeating: "x", count: 300)] {
                #expect(try await server.ask("GET", "/api/messages/\(id)", [TestServer.everything]).status == 404)
            }
            // The process lives, and its store can't answer this.
            server.control.state.withLock { $0.outboxTrouble = ControlError(.failed, "the disk has an error in secret.db") }
            for id in ["m-1", "m-2"] {
                let failed = try await server.ask("GET", "/api/messages/\(id)", [TestServer.everything])
                #expect(failed.status == 503)
                #expect(failed["retry-after"] == "5")
                #expect(!failed.body.contains("secret.db"))
            }
        }
    }

    @Test("health: one word for everybody, accounts for those who may see them")
    func health() async throws {
        try await TestServer.run { server in
            for address in [server.main, server.metrics] {
                #expect(try await server.ask("GET", "/live", at: address).body == "alive\n")
            }
            #expect(try await server.ask("GET", "/ready").body == "ready\n")
            server.control.state.withLock {
                $0.accounts.append(StatusReport.Account(jid: "b@example.org", state: "offline", reason: "no route", since: 5))
            }
            // What strangers ask is looked up once a second.
            #expect(try await server.ask("GET", "/ready").body == "ready\n")
            server.later()
            let bare = try await server.ask("GET", "/ready")
            #expect(bare.status == 503)
            #expect(bare.body == "not ready\n")
            let ops = TestServer.basic("ops", TestServer.opsPassword)
            let known = try await server.ask("GET", "/ready", [ops])
            #expect(known.status == 503)
            #expect(
                try JSONDecoder().decode(Readiness.self, from: Data(known.body.utf8)).accounts.map(\.state) == ["online", "offline"]
            )
            #expect(try await server.ask("GET", "/ready", [TestServer.basic("ops", "wrong")]).status == 401)
            #expect(try await server.ask("GET", "/ready/alerts@example.org").status == 401)
            #expect(try await server.ask("GET", "/ready/alerts%40example.org", [ops]).status == 200)
            #expect(try await server.ask("GET", "/ready/b@example.org", [ops]).status == 503)
            #expect(try await server.ask("GET", "/ready/c@example.org", [ops]).status == 404)
            let asked = server.control.state.withLock { $0.statusCount }
            for _ in 0..<20 { _ = try await server.ask("GET", "/ready") }
            #expect(server.control.state.withLock { $0.statusCount } == asked)
            server.alive.value = false
            server.later()
            #expect(try await server.ask("GET", "/live").status == 503)
        }
    }

    @Test("the status page and the metrics")
    func pages() async throws {
        try await TestServer.run { server in
            let page = try await server.ask("GET", "/", [TestServer.basic("ops", TestServer.opsPassword)])
            #expect(page.status == 200)
            #expect(page["content-type"] == "text/html; charset=utf-8")
            #expect(page["content-security-policy"]?.contains("style-src 'sha256-") == true)
            #expect(page.body.contains("alerts@example.org"))
            let closed = try await server.ask("GET", "/")
            #expect(closed.status == 401)
            #expect(closed["www-authenticate"] == #"Basic realm="oxbow", charset="UTF-8""#)
            let metrics = try await server.ask("GET", "/metrics", at: server.metrics)
            #expect(metrics.status == 200)
            #expect(metrics["content-type"] == MetricsPage.contentType)
            #expect(metrics.body.contains("oxbow_http_requests_total{"))
            #expect(try await server.ask("GET", "/", at: server.metrics).status == 404)
        }
    }

    @Test("metrics beyond loopback need a credential that may read them")
    func guardedMetrics() async throws {
        let yaml = TestServer.yaml.replacing("metrics: {listen: 127.0.0.1:0}", with: "metrics: {listen: 0.0.0.0:0}\n  behind_proxy: true")
        try await TestServer.run(yaml) { server in
            guard case .tcp(_, let port) = server.metrics else { return }
            let address = ListenAddress.tcp(host: "127.0.0.1", port: port)
            for (path, headers, status) in [
                ("/metrics", [], 401), ("/metrics", [TestServer.bearer], 403), ("/metrics", [TestServer.everything], 200),
                ("/live", [], 200),
            ] {
                let answer = try await server.ask("GET", path, headers, at: address)
                #expect(answer.status == status)
            }
        }
    }

    @Test("other methods are told which there are; HEAD is GET without its body")
    func methods() async throws {
        try await TestServer.run { server in
            for (method, path, allow) in [
                ("GET", "/hooks/alerts", "POST, PUT"), ("HEAD", "/hooks/alerts", "POST, PUT"), ("OPTIONS", "/hooks/alerts", "POST, PUT"),
                ("DELETE", "/api/send", "POST"), ("POST", "/live", "GET, HEAD"), ("OPTIONS", "/", "GET, HEAD"),
                ("TRACE", "/ready", "GET, HEAD"),
            ] {
                let answer = try await server.ask(method, path)
                #expect(answer.status == 405, "\(method) \(path)")
                #expect(answer["allow"] == allow)
            }
            let head = try await server.ask("HEAD", "/live")
            #expect(head.status == 200)
            #expect(head["content-length"] == "6")
            #expect(head.body.isEmpty)
        }
    }

    @Test("every answer has the headers that keep browsers careful, refusals of the parser too")
    func securityHeaders() async throws {
        try await TestServer.run { server in
            var answers = [
                try await server.ask("GET", "/live"), try await server.ask("GET", "/nothing"),
                try await server.ask("POST", "/hooks/alerts"),
                try await server.ask("GET", "/metrics", at: server.metrics), try await server.ask("GET", "/", [TestServer.everything]),
            ]
            answers.append(
                try await RawConnection.open(server.main) { connection in
                    try await connection.send("NONSENSE\r\n\r\n")
                    return try await connection.answer()
                }
            )
            for answer in answers {
                for (name, value) in [
                    ("x-content-type-options", "nosniff"), ("cache-control", "no-store"), ("referrer-policy", "no-referrer"),
                ] {
                    #expect(answer[name] == value, "\(answer.status) \(name)")
                }
                #expect(answer["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
                #expect(answer["server"] == nil)
            }
        }
    }

    @Test("one connection serves many requests, sent before their answers too")
    func keepAlive() async throws {
        try await TestServer.run { server in
            try await RawConnection.open(server.main) { connection in
                let request = TestServer.request("POST", "/hooks/alerts", [TestServer.bearer], body: "{}")
                try await connection.send(request + request + request)
                for _ in 0..<3 { #expect(try await connection.answer().status == 202) }
                try await connection.send(TestServer.request("GET", "/live", ["Connection: close"]))
                let last = try await connection.answer()
                #expect(last["connection"] == "close")
                #expect(try await connection.rest().isEmpty)
            }
            #expect(server.desk.received.count == 3)
        }
    }

    @Test("HTTP/1.0 is answered, and its connection ends")
    func oldClients() async throws {
        try await TestServer.run { server in
            let rest = try await RawConnection.open(server.main) { connection in
                try await connection.send("GET /live HTTP/1.0\r\n\r\n")
                return try await connection.rest()
            }
            #expect(rest.contains(" 200 "))
            #expect(rest.hasSuffix("alive\n"))
        }
    }

    @Test("a sender that waits to be told to go on is told, once it is known")
    func expectation() async throws {
        try await TestServer.run { server in
            try await RawConnection.open(server.main) { connection in
                try await connection.send(
                    "POST /hooks/alerts HTTP/1.1\r\nHost: a\r\n\(TestServer.bearer)\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
                )
                #expect(try await connection.answer().status == 100)
                try await connection.send("{}")
                #expect(try await connection.answer().status == 202)
            }
            try await RawConnection.open(server.main) { connection in
                try await connection.send("POST /hooks/alerts HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
                #expect(try await connection.answer().status == 401)
            }
        }
    }
}
