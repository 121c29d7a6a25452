import Alerting
import Foundation
import Testing
import XMPP
import YAMLConfiguration

@Suite struct AlertingSettingsTests {
    private func read(_ yaml: String) throws(ConfigurationErrors) -> AlertingSettings {
        let file = try ConfigurationFile(text: yaml, path: "/etc/oxbow/config.yaml")
        return try AlertingSettings(
            file.read(AlertingSettings.schema, environment: ["TOKEN": "t0p", "HEALTHCHECK_URL": "https://hc.example.org/ping/1"])
        )
    }

    private func errors(_ yaml: String) -> [String] {
        do throws(ConfigurationErrors) {
            _ = try read(yaml)
            return []
        } catch {
            return error.errors.map(\.description)
        }
    }

    private let whole = """
        people:
          ada: [ada@example.org, "mailto:ada@example.com via email.example.net"]
          bob: bob@example.org
          carol: carol@example.org
        groups:
          ops: [ada, bob]
          oncall:
            members: [ada, bob]
            notify: in-order
        alerts:
          account: alerts@example.org
          allow: [ops, "*@admin.example.org"]
          alertmanager:
            url: http://127.0.0.1:9093/
            token: ${TOKEN}
          routes:
            prometheus:
              source: alertmanager
              to: oncall
              template: templates/short.mustache
              dedupe: 10m
              fold: {messages: 5, window: 1m, summary-after: 30s}
              escalate: {after: 15m, to: [carol], at_end: again}
              zone: Europe/Berlin
            ci:
              source: github
              account: ci@example.org
              to: [ops, eve@example.net]
          heartbeats:
            watchdog: {route: prometheus, match: {alertname: Watchdog}, within: 12h}
          heartbeats_out:
            - {url: "https://hc.example.org/ping/${TOKEN}", every: 5m}
        schedules:
          standup: {cron: "0 9 * * mon-fri", zone: Europe/Berlin, to: [ops], text: Standup!}
          rotate: {cron: "@daily", account: ci@example.org, handler: rotate}
        """

    @Test func everythingIsRead() throws {
        let settings = try read(whole)
        let alerts = try #require(settings.alerts)
        #expect(alerts.routes.map(\.name) == ["prometheus", "ci"])
        let route = alerts.routes[0]
        #expect(route.plan.steps.map { $0.map(\.name) } == [["ada"], ["bob"], ["carol"]])
        #expect(route.escalation == Escalation(after: 900, end: .again) && route.dedupe == 600)
        #expect(route.fold == StormGuard.Limits(messages: 5, window: 60, summaryAfter: 30))
        #expect(route.template == "/etc/oxbow/templates/short.mustache" && route.zone.identifier == "Europe/Berlin")
        #expect(alerts.routes[1].plan.steps.map { $0.map(\.name) } == [["ada", "bob", "eve@example.net"]])
        #expect(alerts.routes[1].account.description == "ci@example.org")
        #expect(alerts.alertmanager?.url == "http://127.0.0.1:9093" && alerts.heartbeatsOut.map(\.every) == [300])
        #expect(
            alerts.heartbeats == [HeartbeatRule(name: "watchdog", route: "prometheus", match: ["alertname": "Watchdog"], within: 43_200)]
        )
        #expect(alerts.rights.allow(try Contact(parsing: "mailto:ada@example.com via email.example.net")))
        #expect(settings.directory.people["ada"]?.contacts.count == 2)
        #expect(settings.schedules.map(\.account.description) == ["alerts@example.org", "ci@example.org"])
        #expect(settings.accounts.count == 2)
        let made = try alerts.routes(of: alerts.account, templates: [:])
        #expect(made.map(\.name) == ["prometheus"] && made[0].canSilence && made[0].template != nil)
        #expect(alerts.heartbeats(of: alerts.account).count == 1 && alerts.heartbeats(of: alerts.routes[1].account).isEmpty)
        #expect(settings.schedules(of: alerts.account).map(\.name) == ["standup"])
    }

    @Test func nothingIsNeeded() throws {
        let settings = try read("")
        #expect(settings.alerts == nil && settings.schedules.isEmpty && settings.accounts.isEmpty)
    }

    @Test func noCommandsWithoutAllow() throws {
        let settings = try read("alerts: {account: a@example.org, routes: {x: {source: text, to: [ada@example.org]}}}")
        #expect(settings.alerts?.rights.allow(try Contact(parsing: "ada@example.org")) == false)
    }

    @Test func errorsSayWhereAndWhatToDo() {
        let route = "alerts:\n  account: a@example.org\n  routes:\n    x: "
        #expect(
            errors("people:\n  ada: ada@example.org\n" + route + "{source: text, to: [aba]}") == [
                "/etc/oxbow/config.yaml:6:27: alerts.routes.x.to: there is no person or group 'aba'; did you mean 'ada'?"
            ]
        )
        #expect(
            errors(route + "{source: promtheus, to: [ada@example.org]}").first?.contains("there is no source 'promtheus'") == true
        )
        #expect(
            errors(route + "{source: alertmanger, to: [ada@example.org]}") == [
                "/etc/oxbow/config.yaml:4:17: alerts.routes.x.source: there is no source 'alertmanger'; did you mean 'alertmanager'?"
            ]
        )
        #expect(errors(route + "{source: text, to: []}") == ["/etc/oxbow/config.yaml:4:27: alerts.routes.x.to: names nobody"])
        #expect(
            errors(route + "{source: text, to: [ada@example.org], escalate: {after: 15m, to: [bob]}}") == [
                "/etc/oxbow/config.yaml:4:73: alerts.routes.x.escalate.to: there is no person or group 'bob'; name it under people or groups, or write an address"
            ]
        )
        #expect(errors(route + "{source: text, to: [ada@example.org], zone: Berlin}").first?.contains("is no time zone") == true)
        #expect(
            errors(route + "{source: text, to: [ada@example.org], zone: Europe/Berln}").first?.hasSuffix("did you mean 'Europe/Berlin'?")
                == true
        )
        #expect(errors(route + "{source: text, too: [ada@example.org]}").contains { $0.hasSuffix("unknown key; did you mean 'to'?") })
        #expect(
            errors(route.replacing("x:", with: "a/b:") + "{source: text, to: [ada@example.org]}").first?.contains("'a/b' is no name")
                == true
        )
    }

    @Test func peopleAndGroups() {
        #expect(
            errors("people: {ada: ada}") == [
                "/etc/oxbow/config.yaml:1:15: people.ada: 'ada' is no address; write name@example.org, or mailto:name@example.org via GATEWAY"
            ]
        )
        #expect(errors("people: {ada: a@example.org, bob: A@example.org}").first?.contains("belongs to 'ada' and to 'bob'") == true)
        #expect(errors("people: {ada: mailto:ada@example.com}").first?.contains("through which gateway") == true)
        #expect(
            errors("people:\n  ada: ada@example.org\ngroups:\n  ops: [ada]\n  all: [opps]\n") == [
                "/etc/oxbow/config.yaml:5:3: groups.all: there is no person or group 'opps'; did you mean 'ops'?"
            ]
        )
        #expect(errors("groups:\n  a: [b]\n  b: [a]\n").first?.contains("is a member of itself: a > b > a") == true)
        #expect(errors("people: {ops: a@example.org}\ngroups: {ops: [a@example.org]}").first?.contains("is a person and a group") == true)
        #expect(errors("groups: {ops: {members: [a@example.org], notify: first}}").first?.contains("all or in-order") == true)
    }

    /// Several mistakes at once are told at once.
    @Test func severalMistakesAreToldAtOnce() {
        let found = errors(
            """
            alerts:
              account: a@example.org
              allow: [nobody]
              routes: {x: {source: text, to: [ada@example.org]}}
              heartbeats: {w: {route: y, match: {}, within: 10m}}
            schedules:
              s: {cron: "0 0 1 1 *", text: hello}
            """
        )
        #expect(found.count == 4)
    }

    @Test func schedules() {
        func one(_ text: String) -> String { errors("alerts: {account: a@example.org, routes: {}}\nschedules: {s: \(text)}").first ?? "" }
        #expect(one("{cron: '0 0 31 2 *', text: x, to: [ada@example.org]}").contains("never comes"))
        #expect(one("{cron: '0 0 * *', text: x, to: [ada@example.org]}").contains("five fields"))
        #expect(one("{cron: '@daily', text: x, handler: y, to: [ada@example.org]}").contains("exactly one of text and handler"))
        #expect(one("{cron: '@daily', text: x}").contains("names nobody"))
        #expect(one("{cron: '@daily', handler: x, to: [ada@example.org]}").contains("no meaning"))
        #expect(errors("schedules: {s: {cron: '@daily', handler: x}}").first?.contains("has no account") == true)
        // It would be refused each time, and hold up all that is due with it.
        #expect(one("{cron: '@daily', text: \"\\u200b \", to: [ada@example.org]}").contains("nothing that can be read"))
    }

    @Test func namesThatGoIntoMetrics() {
        let beat = "{route: r, match: {a: b}, within: 1h}"
        let start = "alerts: {account: a@example.org, routes: {r: {source: text, to: ada@example.org}}, heartbeats: "
        #expect(errors(start + "{w: \(beat)}}").isEmpty)
        #expect(errors(start + "{\"w\\n\": \(beat)}}").first?.contains("is no name") == true)
        let schedule = "{cron: '@daily', text: x, to: [ada@example.org]}"
        #expect(errors(start + "{}}\nschedules: {\"a\\tb\": \(schedule)}").first?.contains("is no name") == true)
    }

    /// Whom a plan has no room for would never be told.
    @Test func nobodyIsLeftOutInSilence() {
        func group(_ name: String, _ count: Int) -> String {
            "[" + (0..<count).map { "\(name)\($0)@example.org" }.joined(separator: ", ") + "]"
        }
        func found(_ count: Int) -> [String] {
            errors(
                """
                groups: {one: \(group("a", 100)), two: \(group("b", count))}
                alerts: {account: a@example.org, routes: {r: {source: text, to: [one, two]}}}
                """
            )
        }
        #expect(found(100).isEmpty)
        #expect(found(101).count == 1 && found(101).first?.contains("more than 200 people") == true)
    }

    @Test func alertmanager() {
        func one(_ text: String) -> String {
            errors("alerts: {account: a@example.org, routes: {}, alertmanager: \(text)}").first ?? ""
        }
        #expect(one("{url: 'ftp://x'}").contains("expected an http"))
        #expect(one("{url: 'http://user:secret@x'}").contains("without a user") && !one("{url: 'http://user:secret@x'}").contains("secret"))
        #expect(one("{url: 'http://x', user: y}").contains("belong together"))
        #expect(one("{url: 'http://x/am/api/v2/'}").contains("/api/v2 is added to it; leave that out"))
        #expect(one("{url: 'http://x', user: y, password: z, token: t}").contains("one of them"))
    }

    @Test("A heartbeat's address that is none is found without asking for it, and not shown") func heartbeatAddress() throws {
        let text = """
            alerts:
              account: a@example.org
              routes: {}
              heartbeats_out:
                - {url: {env: PING}}
                - {url: "https://hc.example.org/ping"}
                - {url: {command: [echo, nowhere]}}
            """
        let made = try read(text)
        for ping in ["hc.example.org/secret", "ftp://hc.example.org/secret", "https://me:secret@hc.example.org"] {
            let found = made.problems(environment: ["PING": ping, "PATH": "/usr/bin:/bin"]).errors
            #expect(found.map(\.path) == ["alerts.heartbeats_out[0].url"])
            #expect(found.first?.line == 5 && found.first?.message == "is no http or https address")
            #expect(!found.map(\.description).joined().contains("secret"))
        }
        #expect(made.problems(environment: ["PATH": "/usr/bin:/bin"]).errors.count == 1)
        #expect(made.problems(environment: ["PING": "http://127.0.0.1:1/", "PATH": "/usr/bin:/bin"]).errors.isEmpty)
    }

    @Test("An authority of one's own for Alertmanager must be there") func authority() throws {
        let made = try read("alerts: {account: a@example.org, routes: {}, alertmanager: {url: 'https://x', ca: /nowhere/ca.pem}}")
        #expect(made.alerts?.alertmanager?.ca == "/nowhere/ca.pem")
        let found = made.problems(environment: [:])
        #expect(found.errors.map(\.path) == ["alerts.alertmanager.ca"])
        #expect(found.warnings.isEmpty)
    }

    /// The keys in docs/alerting.md are the schema's. With OXBOW_WRITE_DOCS=1 the test writes that part anew.
    @Test func theReferenceIsUpToDate() throws {
        let tests = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        let file = tests.appending(path: "../../../docs/alerting.md").standardizedFileURL
        let text = try String(contentsOf: file, encoding: .utf8)
        let begin = try #require(text.firstRange(of: "<!-- settings:begin -->\n"))
        let end = try #require(text.firstRange(of: "<!-- settings:end -->"))
        let made = "\n" + Reference(AlertingSettings.schema, title: "Keys", level: 3).markdown + "\n"
        guard text[begin.upperBound..<end.lowerBound] != made else { return }
        if ProcessInfo.processInfo.environment["OXBOW_WRITE_DOCS"] == "1" {
            try (text[..<begin.upperBound] + made + text[end.lowerBound...]).write(to: file, atomically: true, encoding: .utf8)
        } else {
            Issue.record("docs/alerting.md differs; write it anew with OXBOW_WRITE_DOCS=1")
        }
    }

    /// The example in docs/alerting.md is right.
    @Test func theExampleIsRead() throws {
        let tests = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        let file = tests.appending(path: "../../../docs/alerting.md").standardizedFileURL
        let text = try String(contentsOf: file, encoding: .utf8)
        let begin = try #require(text.firstRange(of: "```yaml\npeople:"))
        let rest = text[begin.lowerBound...].dropFirst("```yaml\n".count)
        let end = try #require(rest.firstRange(of: "```"))
        let settings = try read(String(rest[..<end.lowerBound]))
        #expect(settings.alerts?.routes.isEmpty == false && !settings.schedules.isEmpty)
    }
}
