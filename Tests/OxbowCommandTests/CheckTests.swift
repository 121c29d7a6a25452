import Foundation
import Oxbow
import OxbowCommand
import Synchronization
import Testing

@Suite("oxbow check")
struct CheckTests {
    @Test("says what would run, starts nothing, makes nothing, shows no secret")
    func good() async throws {
        let bench = try Bench()
        let end = await bench.run("check")
        #expect(end.status == .done, "\(end.err)")
        #expect(
            end.out == """
                config.yaml: state in state

                a@b
                  server   by the SRV records of b
                  keyring  state/keyrings/a@b
                  trust    tofu
                  bot      echo
                    heard: *@b
                    body /^!ping/: swift echo

                c@b
                  server   by the SRV records of b
                  keyring  state/keyrings/c@b
                  trust    tofu
                  bots     none: it only sends
                """
        )
        #expect(end.err == "")
        #expect(bench.launches.withLock { $0.count } == 0)
        #expect(!FileManager.default.fileExists(atPath: bench.folder + "/state"))
        let json = await bench.run("check", "--json")
        #expect(json.status == .done)
        #expect(!(end.out + json.out).contains("hunter"))
    }

    @Test("every error of every file is one line, and the exit code is 3")
    func bad() async throws {
        let bench = try Bench(
            """
            accounts:
              - {jid: a@b, pasword: x, bots: [echo]}
              - {jid: c@b, password: "${NOPE}"}
              - {jid: e@b, password: x, bots: [ehco, broken, strange]}
            """
        )
        try bench.write("allow: [x]\nhandlers:\n  - elemnt: body\n", to: "bots/broken/bot.yaml")
        try bench.write("allow: ['*']\nhandlers:\n  - {element: body, swift: nothing}\n", to: "bots/strange/bot.yaml")
        let end = await bench.run("check")
        #expect(end.status == .configuration)
        let lines = end.err.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("warning: ") }
        #expect(
            lines.prefix(4) == [
                "config.yaml:2:5: accounts[0].password: is missing; it holds text with ${NAME}, {file: PATH}, {env: NAME} or {command: [PROGRAM, …]}",
                "config.yaml:2:16: accounts[0].pasword: unknown key; did you mean 'password'?",
                "config.yaml:3:26: accounts[1].password: the environment has no variable NOPE; set it, or write ${NOPE:-default}",
                "config.yaml:4:36: accounts[2].bots[0]: there is no bot 'ehco'; there are: broken, echo, strange",
            ]
        )
        #expect(
            lines.dropFirst(4).contains {
                $0.hasPrefix("bots/broken/bot.yaml:3:5: handlers[0].elemnt: unknown key; did you mean 'element'?")
            }
        )
        #expect(lines.contains { $0.hasPrefix("bots/strange/bot.yaml:3:") && $0.contains("there is no Swift module 'nothing'") })
        #expect(end.out.contains("e@b"))
    }

    @Test("a YAML error is one line with its place")
    func yaml() async throws {
        let end = await (try Bench("accounts:\n  - jid: [a\n")).run("check")
        #expect(end.status == .configuration)
        #expect(end.err.hasPrefix("config.yaml:3:1: not valid YAML: "), "\(end.err)")
        #expect(!end.err.contains("\n"))
        #expect(end.out == "")
    }

    @Test("R17: a store key that lies unprotected beside the store is a warning")
    func storeKey() async throws {
        let end = await (try Bench("accounts: [{jid: a@b, password: x}]\n")).run("check")
        #expect(end.status == .done)
        let warning = "warning: config.yaml: store_key: it is encrypted to the key of a@b, which has no passphrase"
        #expect(end.err.hasPrefix(warning), "\(end.err)")
        #expect(!end.err.contains("\n"))
    }

    @Test("who hears of trouble is said")
    func alarm() async throws {
        let end = await (try Bench(Bench.two + "\nalarm: {account: c@b, command: [sh, -c, secret]}\n")).run("check")
        #expect(end.status == .done, "\(end.err)")
        #expect(end.out.contains("\nalarm by c@b, by sh\n"), "\(end.out)")
        #expect(!end.out.contains("secret"))
        let mail = "alarm: {smtp: {host: m.b.org, user: u, password: secret, from: a@b.org, to: [c@d.org, e@d.org]}}"
        let other = await (try Bench(Bench.two + "\n" + mail + "\n")).run("check")
        #expect(other.out.contains("\nalarm by mail of m.b.org to c@d.org and e@d.org\n"), "\(other.out)")
        #expect(!other.out.contains("secret"))
    }

    @Test("warnings don't change the exit code")
    func warnings() async throws {
        let end = await (try Bench("accounts: [{jid: a@b, password: x, trust: blind}]\n")).run("check")
        #expect(end.status == .done)
        #expect(end.err.hasPrefix("warning: config.yaml:1:18: accounts[0].trust: "), "\(end.err)")
    }

    @Test("as JSON it can be read by programs")
    func json() async throws {
        struct Report: Decodable {
            struct Account: Decodable {
                struct Bot: Decodable { var name: String }
                var jid: String
                var bots: [Bot]
            }
            var accounts: [Account]
            var errors: [String]
            var warnings: [String]
        }
        let end = await (try Bench()).run("check", "--json")
        let report = try JSONDecoder().decode(Report.self, from: Data(end.out.utf8))
        #expect(report.accounts.map(\.jid) == ["a@b", "c@b"])
        #expect(report.accounts.first?.bots.map(\.name) == ["echo"])
        #expect(report.errors.isEmpty && report.warnings.isEmpty)
    }

    @Test("says what becomes of alerts and what listens, and that nothing does")
    func alerts() async throws {
        let text = """
            accounts: [{jid: alerts@b, password: hunter2}]
            people: {ada: ada@b, ben: ben@b}
            groups: {oncall: {members: [ada, ben], notify: in-order}}
            alerts:
              account: alerts@b
              allow: [oncall]
              alertmanager: {url: "http://127.0.0.1:9093"}
              routes:
                disks: {source: alertmanager, to: oncall, escalate: {after: 15m}}

            """
        let quiet = await (try Bench(text)).run("check")
        #expect(quiet.err.contains("warning: config.yaml: alerts.routes: nothing listens, so no alert can come in"), "\(quiet.err)")
        let http =
            "http: {credentials: {am: {token: {env: TOKEN}, may: [hooks/disks]}, me: {user: me, password: {env: TOKEN}, may: [status]}}}\n"
        let loud = await (try Bench(text + http)).run("check")
        #expect(
            loud.out.hasSuffix(
                """
                alerts
                  /hooks/disks  alertmanager, by alerts@b to ada, (after 15 min) ben
                  commands  from ada@b, ben@b
                  silences  in http://127.0.0.1:9093

                http
                  listens   127.0.0.1:8480
                  am may hooks/disks
                  me may status
                """
            ),
            "\(loud.out)"
        )
        #expect(!loud.err.contains("nothing listens"))
        let quick = await (try Bench(text.replacing("15m", with: "10s") + http)).run("check")
        #expect(quick.out.contains("to ada, (after 10 s) ben"), "\(quick.out)")
    }
}
