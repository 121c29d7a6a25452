import Foundation
import Oxbow
import Testing
import XMPP

@testable import Alerting
@testable import OxbowHTTP

@Suite("Status page")
struct StatusPageTests {
    @Test("it shows accounts, bots, gateways, the queue, alerts, heartbeats, schedules and the last events")
    func everything() throws {
        let page = try SamplePage.page().html
        for text in [
            "<title>Oxbow: 2 of 3 not online</title>", "version 0.5.0, up ", "alerts@example.org", ">online</span>", ">1 d 1 h</time>",
            "tries again <time", "in 1 min", "the certificate of example.net expired", "<span>5F2C</span> <span>9D0E</span>",
            "href=\"xmpp:alerts@example.org\"", "aria-label=\"QR code of xmpp:alerts@example.org\"",
            "there is no program &#39;weather.py&#39;",
            "we are <bdi>alerts@mail.example.org</bdi>, <bdi>registered</bdi>", "expires <time", "DiskWillFillIn4Hours",
            "nobody sees to it",
            "<bdi>ada</bdi> sees to it", "<code>815</code> <code>alert-7f3b-1</code>", "item-not-found", "1 message was given up",
            "1 message waits for a key or for you", "1 heartbeat stays away", "The configuration was refused",
            "did you mean &#39;connect&#39;?",
            "missing</span>", "standup", "/hooks/alerts", "from <bdi>ada@example.org</bdi> at <bdi>alerts</bdi> <bdi>handlers[0]</bdi>",
            "<dt>from strangers</dt><dd>12</dd>", "<dt>refused</dt><dd>1</dd>",
        ] {
            #expect(page.contains(text), "\(text)")
        }
        // For scripts/screenshot, as long as no Oxbow runs.
        if let path = ProcessInfo.processInfo.environment["OXBOW_WRITE_PAGE"] {
            try page.write(toFile: path, atomically: true, encoding: .utf8)
        }
    }

    @Test("all is well, and there is little to say")
    func calm() {
        let status = StatusReport(
            version: "1",
            process: 1,
            since: 100,
            accounts: [StatusReport.Account(jid: "a@example.org", state: "online", since: 100)]
        )
        let page = StatusPage(status: status, outbox: OutboxReport([]), now: 160).html
        #expect(page.contains("<title>Oxbow: all online</title>"))
        #expect(page.contains("The account is online, and nothing needs you."))
        #expect(page.contains("Nothing has happened since the start."))
        #expect(!page.contains("Alerts"))
    }

    @Test("when nobody answers the page says so instead of failing")
    func silence() {
        let page = StatusPage(status: nil, now: 160).html
        #expect(page.contains("Oxbow: no answer"))
        #expect(page.contains("It can&#39;t be read now") || page.contains("It can't be read now"))
    }

    @Test("an account whose section can't be read has no address to show")
    func unreadable() {
        let account = StatusReport.Account(jid: "(unreadable)", state: "failed", reason: "config.yaml:3: jid: no", since: 1)
        let page = StatusPage(status: StatusReport(version: "1", process: 1, since: 1, accounts: [account]), now: 2).html
        #expect(page.contains("(unreadable)"))
        #expect(!page.contains("xmpp:"))
    }

    @Test("what comes from outside is text, wherever it stands")
    func hostile() throws {
        let evil = "<script>alert('1')</script>\"&\u{202e}gpj.exe\u{0}\u{1b}[31m\u{2028}\u{200b}"
        var account = StatusReport.Account(
            jid: "a\(evil)@example.org",
            state: evil,
            reason: evil,
            since: 1,
            fingerprint: evil,
            bots: [StatusReport.Bot(name: evil, problem: evil), StatusReport.Bot(name: evil)]
        )
        var gateway = GatewayReport.Item(jid: evil, name: evil)
        gateway.senderID = evil
        gateway.registration = evil
        var broken = gateway
        broken.problem = evil
        account.gateways = [gateway, broken]
        var status = StatusReport(version: evil, process: 1, since: 1, accounts: [account])
        status.reload = StatusReport.Reload(time: 1, error: evil + "\n" + evil)
        let items = ["held", "dead"].map { state in
            """
            {"number": 1, "id": \(Self.quoted(evil)), "account": \(Self.quoted(evil)), "to": \(Self.quoted(evil)), "state": "\(state)", "attempts": 1,
            "accepted": 1, "expires": 2, "reason": \(Self.quoted(evil)), "words": \(Self.quoted(evil))}
            """
        }
        let outbox = try JSON.decode(OutboxReport.self, "{\"isLast\": true, \"items\": [\(items.joined(separator: ","))]}")
        let me = try JSON.address("a@example.org")
        let recent = RecentEvent.What.allCases.map { what in
            RecentEvent(time: 1, account: me, what, peer: me, bot: evil, handler: evil, reason: evil, message: evil)
        }
        let text = Self.quoted(evil)
        let alerts = try JSON.decode(
            AlertsReport.self,
            """
            {"at": 1, "open": 1, "unacknowledged": 1, "silences": [], "mutes": [],
            "conversations": [{"account": \(text), "number": 1, "title": \(text), "severity": \(text), "state": \(text), "since": 1,
            "updated": 1, "acknowledgedBy": \(text), "route": \(text), "firing": 1, "told": 1, "escalates": 1}],
            "routes": [{"name": \(text), "source": \(text), "account": \(text), "firing": 1, "acknowledged": 0}],
            "heartbeats": [{"name": \(text), "route": \(text), "last": 1, "within": 1, "isMissing": true}],
            "schedules": [{"name": \(text), "account": \(text), "next": 1, "last": 1}]}
            """
        )
        let page = StatusPage(status: status, outbox: outbox, recent: recent, alerts: alerts, now: 2).html
        #expect(!page.contains("<script"))
        #expect(
            page.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;\\u{202e}gpj.exe\\u{0}\\u{1b}[31m\\u{2028}\\u{200b}")
        )
        for scalar in ["\u{202e}", "\u{0}", "\u{1b}", "\u{2028}", "\u{200b}"] { #expect(!page.contains(scalar)) }
        // The address in a link is a URI, and no more.
        #expect(
            page.contains(
                "href=\"xmpp:a%3Cscript%3Ealert(%271%27)%3C%2Fscript%3E%22%26%E2%80%AEgpj.exe%00%1B%5B31m%E2%80%A8%E2%80%8B@example.org\""
            )
        )
        // Every tag is one of ours, every attribute stands in quotes.
        let tags = page.matches(of: /<([a-z0-9]+)((?: [a-zA-Z-]+(?:="[^"<>]*")?)*)>/)
        let known: Set = [
            "html", "head", "meta", "title", "style", "body", "header", "div", "svg", "path", "rect", "h1", "h2", "h3", "h4", "p", "time",
            "ul", "li",
            "main", "section", "article", "span", "bdi", "wbr", "dl", "dt", "dd", "b", "a", "code", "pre", "footer",
        ]
        #expect(Set(tags.map { String($0.1) }).isSubset(of: known))
        // Nothing else opens one: what is left over is the declaration and the ends.
        let body = try #require(page.firstMatch(of: /<body>((?:.|\n)*)<\/body>/)).1
        let ends = body.matches(of: /<\/[a-z0-9]+>|<(?:path|rect) [^<>]*\/>/).count
        let inner = body.matches(of: /<([a-z0-9]+)((?: [a-zA-Z-]+="[^"<>]*")*)>/).count
        #expect(body.count { $0 == "<" } == ends + inner)
    }

    @Test("no script, nothing from elsewhere, and the policy names the style that the page has")
    func policy() throws {
        let page = try SamplePage.page().html
        #expect(!page.contains("<script") && !page.contains("javascript:") && page.matches(of: /<[^>]* on[a-z]+=/).isEmpty)
        #expect(!page.contains("style=\""))
        #expect(!page.contains("http://") && !page.contains("https://"))
        #expect(page.contains("<meta http-equiv=\"refresh\" content=\"30\">"))
        #expect(page.contains("name=\"viewport\" content=\"width=device-width, initial-scale=1\""))
        let policy = try #require(StatusPage.headers.first { $0.name == "Content-Security-Policy" }?.value)
        #expect(policy.hasPrefix("default-src 'none'; style-src 'sha256-"))
        #expect(!policy.contains("unsafe"))
        let inside = try #require(page.firstMatch(of: /<style>((?:.|\n)*)<\/style>/)).1
        #expect(String(inside) == PageStyle.css.html)
        #expect(page.ranges(of: "<style").count == 1)
    }

    @Test("long lists are cut, and say so")
    func limits() throws {
        let items = (0..<120).map { index in
            """
            {"number": \(index), "id": "i", "account": "a@example.org", "to": "b@example.org", "state": "dead", "attempts": 1, "accepted": 1, "expires": 2}
            """
        }
        let outbox = try JSON.decode(OutboxReport.self, "{\"isLast\": false, \"items\": [\(items.joined(separator: ","))]}")
        let page = StatusPage(status: nil, outbox: outbox, now: 5).html
        #expect(page.contains("… and 70 more."))
    }

    private static func quoted(_ text: String) -> String {
        String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
    }
}
