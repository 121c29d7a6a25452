import Foundation
import Synchronization
import Testing
import Web
import XMPP

@testable import Alerting

/// Against a real web server; ``ScriptedServer`` says what it answers to whom. A real Alertmanager is asked in Tests/Interop.
@Suite struct AlertmanagerClientTests {
    private func request(_ matchers: [String: String] = ["alertname": "DiskFull", "team": "ops"]) throws -> SilenceRequest {
        SilenceRequest(
            matchers: matchers,
            starts: Desk.start,
            ends: Desk.start + 7200,
            author: "ada",
            comment: "new \"disk\"",
            target: AlertCommand.Target(1),
            asker: Recipient(person: "ada", contact: try Desk.contact("ada")),
            cause: "1"
        )
    }

    private func end(_ ids: [String], conversation: Int? = 1) throws -> UnsilenceRequest {
        UnsilenceRequest(
            ids: ids,
            conversation: conversation,
            asker: Recipient(person: "ada", contact: try Desk.contact("ada")),
            cause: "1"
        )
    }

    @Test("A silence is posted with equality matchers, and its id comes back") func makes() async throws {
        let server = try await ScriptedServer.running()
        let client = AlertmanagerClient(base: server.url("good-make"), credentials: .bearer("t0ken"))
        #expect(await client.silence(try request()) == .done(id: "6c8b5a1e-0d2f-4c7e-9d3b-2f1a7c9e8b10"))
        let asked = try #require(try server.requests("good-make").first)
        #expect(asked.method == "POST" && asked.path == "/good-make/api/v2/silences")
        #expect(asked.headers["Authorization"] == "Bearer t0ken" && asked.headers["Content-Type"] == "application/json")
        let body = try #require(try JSONSerialization.jsonObject(with: Data(asked.body.utf8)) as? [String: Any])
        let matchers = try #require(body["matchers"] as? [[String: Any]])
        #expect(matchers.map { $0["name"] as? String } == ["alertname", "team"])
        #expect(matchers.allSatisfy { $0["isEqual"] as? Bool == true && $0["isRegex"] as? Bool == false })
        #expect(body["createdBy"] as? String == "ada" && body["comment"] as? String == "new \"disk\"")
        #expect(body["startsAt"] as? String == "2026-11-21T18:14:00Z" && body["endsAt"] as? String == "2026-11-21T20:14:00Z")
    }

    @Test("Silences end one by one; what has ended counts as ended") func ends() async throws {
        let server = try await ScriptedServer.running()
        let client = AlertmanagerClient(base: server.url("good-end"), credentials: .basic(user: "u", password: "p"))
        #expect(await client.unsilence(try end(["aa-1", "bb-2"])) == .done(id: "aa-1 bb-2"))
        let asked = try server.requests("good-end")
        #expect(
            asked.map { "\($0.method) \($0.path)" } == [
                "DELETE /good-end/api/v2/silence/aa-1", "DELETE /good-end/api/v2/silence/bb-2",
            ]
        )
        #expect(asked.first?.headers["Authorization"] == "Basic dTpw")
        #expect(await AlertmanagerClient(base: server.url("ended")).unsilence(try end(["aa-1"])) == .done(id: "aa-1"))
        #expect(await AlertmanagerClient(base: server.url("404")).unsilence(try end(["aa-1"])) == .done(id: "aa-1"))
        // Who gives an id that isn't there hears so.
        guard case .failed = await AlertmanagerClient(base: server.url("404")).unsilence(try end(["aa-1"], conversation: nil)) else {
            Issue.record("an unknown id counts as ended")
            return
        }
    }

    @Test("What isn't an id never becomes a path", arguments: ["../status", "a/b", "", "a?b", "ä"])
    func paths(_ id: String) async throws {
        let server = try await ScriptedServer.running()
        let client = AlertmanagerClient(base: server.url("good-path"))
        guard case .failed = await client.unsilence(try end([id], conversation: nil)) else {
            Issue.record("taken: \(id)")
            return
        }
        #expect(try server.requests("good-path").isEmpty)
    }

    @Test(
        "Statuses, redirects, other answers and too long ones are failures in words of ours",
        arguments: [
            ("400", "refuses it (status 400)"), ("401", "alerts.alertmanager"), ("404", "there is no Alertmanager"), ("500", "status 500"),
            ("302", "redirect"), ("odd", "no id that can be read"), ("page", "no id that can be read"), ("big", "longer than"),
        ]
    )
    func failures(_ way: String, _ words: String) async throws {
        let server = try await ScriptedServer.running()
        guard case .failed(let reason) = await AlertmanagerClient(base: server.url(way)).silence(try request()) else {
            Issue.record("made")
            return
        }
        #expect(reason.contains(words) && !reason.contains("secret words") && !reason.contains("127.0.0.1"), "\(reason)")
        #expect(try server.requests("elsewhere").isEmpty)
    }

    @Test("Nobody listens, or nobody answers in time") func unreachable() async throws {
        let server = try await ScriptedServer.running()
        // Port 1 of loopback has no listener.
        guard case .failed(let reason) = await AlertmanagerClient(base: "http://127.0.0.1:1").silence(try request()) else {
            Issue.record("made")
            return
        }
        #expect(reason.contains("can't be reached"), "\(reason)")
        var hanging = WebRequest(url: server.url("hang"))
        hanging.allowsPlain = true
        hanging.timeLimit = .milliseconds(200)
        let request = hanging
        let error = await #expect(throws: WebError.self) { try await request.send() }
        #expect(error?.code == .timedOut)
    }

    @Test("Neither descriptions nor errors of a request have its address or its secrets") func secrets() async throws {
        var request = WebRequest(.post, url: "http://127.0.0.1:1/s3cret")
        request.allowsPlain = true
        request.credentials = .bearer("s3cret")
        var dumped = ""
        dump(request, to: &dumped)
        #expect(!"\(request) \(String(reflecting: request)) \(dumped)".contains("s3cret"))
        let asked = request
        let error = await #expect(throws: WebError.self) { try await asked.send() }
        #expect(error.map { !"\($0)".contains("s3cret") } == true)
        // A line's end would be a header of its own.
        request.credentials = .bearer("a\r\nX-Evil: 1")
        let evil = request
        let refused = await #expect(throws: WebError.self) { try await evil.send() }
        #expect(refused?.code == .request)
        // Plain HTTP must be asked for.
        let plain = WebRequest(url: "http://127.0.0.1:1/")
        await #expect(throws: WebError.self) { try await plain.send() }
    }

    @Test("By chat, through the desk: the silence is made, the id is told, and a command that comes again makes no second one") func chat()
        async throws
    {
        let server = try await ScriptedServer.running()
        let bench = DeskBench()
        let way = "good-chat"
        try await bench.running(silencing: AlertmanagerClient(base: server.url(way))) {
            try await bench.receive("ops", DeskBench.webhook(["db-1"]))
            try await bench.say("silence 1 2h new disk", id: "7")
            let said = try bench.carrier.lines()
            #expect(said.contains { $0.hasPrefix("ada: #1 silenced for 2h, id 6c8b5a1e") }, "\(said)")
            #expect(said.contains { $0.hasPrefix("bob: #1 silenced for 2h by ada") }, "\(said)")
            try await bench.say("silence 1 2h new disk", id: "7")
            #expect(try bench.carrier.lines() == said)
            try await bench.say("unsilence 1", id: "8")
            #expect(try server.requests(way).map(\.method) == ["POST", "DELETE"])
            #expect(bench.ear["oxbow_silences_total{action=make,outcome=done}"] == 1)
        }
    }

    @Test("The alert manager's answer isn't lost when the store fails, and is brought again") func answered() async throws {
        let server = try await ScriptedServer.running()
        let bench = DeskBench()
        try await bench.running(silencing: FailingStore(inner: AlertmanagerClient(base: server.url("good-lost")), carrier: bench.carrier)) {
            try await bench.receive("ops", DeskBench.webhook(["db-1"]))
            try await bench.say("silence 1 2h", id: "7")
            #expect(try bench.carrier.lines().contains { $0.hasPrefix("ada: #1 silenced for 2h") })
            #expect(try server.requests("good-lost").count == 1)
        }
    }

    /// While the silence is made, the store begins to fail.
    private struct FailingStore: Silencing {
        var inner: AlertmanagerClient
        var carrier: MemoryCarrier

        func silence(_ request: SilenceRequest) async -> SilenceOutcome {
            carrier.state.withLock { $0.failures = 1 }
            return await inner.silence(request)
        }
        func unsilence(_ request: UnsilenceRequest) async -> SilenceOutcome { await inner.unsilence(request) }
    }
}
