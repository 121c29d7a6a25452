import OxbowCommand
import Testing

/// `people`, `alerts`, `schedules` and `http` in `config.yaml`, as `oxbow check` and `oxbow run` judge them.
@Suite struct AlertingPartTests {
    private static let sound = """
        accounts:
          - {jid: a@b, password: "${P:-x}", bots: [echo]}
        store_key: {command: [sh]}
        people:
          alice: alice@b
        alerts:
          account: a@b
          allow: [alice]
          routes:
            ops: {source: alertmanager, to: [alice], template: ops.mustache}
        schedules:
          nightly: {cron: "@daily", handler: echo}
        http:
          listen: 127.0.0.1:0
          credentials:
            am: {token: {env: TOKEN}, may: [hooks/ops]}

        """

    private func check(_ change: (String, String)? = nil, template: String? = "{{route}}\n") async throws -> Bench.End {
        let text = change.map { Self.sound.replacing($0.0, with: $0.1) } ?? Self.sound
        #expect(change == nil || text != Self.sound)
        let bench = try Bench(text)
        if let template { try bench.write(template, to: "ops.mustache") }
        return await bench.run("check", environment: ["TOKEN": "0123456789abcdef0123456789abcdef"])
    }

    @Test("A configuration with alerts and HTTP is sound")
    func sound() async throws {
        let end = try await check()
        #expect(end.status == .done, "\(end.err)")
    }

    @Test(
        "What is wrong is said with file, line and key",
        arguments: [
            ("  account: a@b\n", "  account: z@b\n", "config.yaml:7:12: alerts.account: z@b is no account here; accounts has a@b"),
            ("template: ops.mustache", "account: z@b", "config.yaml:10:55: alerts.routes.ops.account: z@b is no account here"),
            ("handler: echo", "handler: ecko", "schedules.nightly.handler: a@b has no bot 'ecko'; it has echo"),
            ("handler: echo", "handler: echo, account: z@b", "config.yaml:12:53: schedules.nightly.account: z@b is no account here"),
            ("hooks/ops", "hooks/opps", "alerts.routes has no 'opps'; did you mean 'hooks/ops'?"),
            ("TOKEN", "TOKKEN", "TOKKEN"),
            (
                "{env: TOKEN}", "fifteen-letters",
                "config.yaml:16:17: http.credentials.am.token: the secret of 'am' has fewer than 16 characters; make one with: openssl"
            ),
            ("{token: {env: TOKEN}", "{user: am, password: short", "http.credentials.am.password: the secret of 'am' has fewer than 16"),
            ("{token: {env: TOKEN}", "{signature: short", "http.credentials.am.signature: the secret of 'am' has fewer than 16"),
            (
                "{token: {env: TOKEN}", "{path_token: only-21-characters-in", "http.credentials.am.path_token: the path token of 'am' isn't"
            ),
            ("alerts:\n", "alert:\n", "config.yaml:6:1: alert: unknown key; did you mean 'alerts'?"),
        ]
    )
    func errors(_ old: String, _ new: String, _ message: String) async throws {
        let end = try await check((old, new))
        #expect(end.status == .configuration)
        #expect(end.err.contains(message), "\(end.err)")
    }

    @Test("A template is read against its source: its own file, line and column are named; one that isn't there is the route's error")
    func templates() async throws {
        let wrong = try await check(template: "fine\n{{rout}}\n")
        #expect(wrong.status == .configuration)
        #expect(wrong.err.contains("ops.mustache:2:"), "\(wrong.err)")
        #expect(wrong.err.contains("rout"))
        let missing = try await check(template: nil)
        #expect(missing.status == .configuration)
        #expect(missing.err.contains("config.yaml:10:"), "\(missing.err)")
        #expect(missing.err.contains("alerts.routes.ops.template"), "\(missing.err)")
    }

    @Test("Every command reads a file that has them")
    func others() async throws {
        let bench = try Bench(Self.sound)
        let end = await bench.run("send", "--to", "alice@b", "hello", environment: ["TOKEN": "x"])
        #expect(end.status == .done, "\(end.err)")
    }
}
