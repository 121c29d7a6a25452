import Oxbow
import XMPP

@testable import Alerting
@testable import OxbowHTTP

/// A page with something of everything.
enum SamplePage {
    static let now: Int64 = 1_795_000_000

    static func page() throws -> StatusPage {
        StatusPage(
            status: status,
            gauges: [
                Gauge("oxbow_key_expiry_timestamp_seconds", ["account": "alerts@example.org"], Double(now + 20 * 86_400)),
                Gauge("oxbow_outbox_messages", ["account": "alerts@example.org", "state": "accepted"], 3),
                Gauge("oxbow_outbox_messages", ["account": "alerts@example.org", "state": "held"], 1),
                Gauge("oxbow_outbox_messages", ["account": "alerts@example.org", "state": "dead"], 1),
            ],
            outbox: try outbox(),
            recent: try recent(),
            alerts: try alerts(),
            now: now
        )
    }

    private static var status: StatusReport {
        var alerts = StatusReport.Account(
            jid: "alerts@example.org",
            state: "online",
            since: now - 90_000,
            fingerprint: "5F2C9D0E7A6B41C8D3E90B12A4F6C7D81E2F3A4B",
            bots: [StatusReport.Bot(name: "alerts"), StatusReport.Bot(name: "help")],
            counters: ["sent": 1284, "send_failures.offline": 3, "events.alerts.done": 57, "refused.replay": 1, "refused.not-allowed": 12]
        )
        var gateway = GatewayReport.Item(jid: "mail.example.org", name: "Mail")
        gateway.senderID = "alerts@mail.example.org"
        gateway.registration = "registered"
        alerts.gateways = [gateway]
        var helper = StatusReport.Account(
            jid: "helper@example.net",
            state: "offline",
            reason: "the certificate of example.net expired on 2026-11-20: renew it there; nothing is sent before",
            since: now - 1260,
            fingerprint: "C0FFEE00D1CE4B1D5EED0123456789ABCDEF0123",
            bots: [
                StatusReport.Bot(name: "remind"),
                StatusReport.Bot(name: "weather", problem: "bots/weather/bot.yaml:7: handlers[0].run: there is no program 'weather.py'"),
            ],
            counters: ["sent": 12]
        )
        helper.next = now + 95
        let new = StatusReport.Account(jid: "new@example.org", state: "starting", since: now - 4, bots: [StatusReport.Bot(name: "echo")])
        var report = StatusReport(version: "0.5.0", process: 7, since: now - 200_000, accounts: [alerts, helper, new])
        report.reload = StatusReport.Reload(
            time: now - 500,
            error: "config.yaml:12: accounts[1].conect: unknown key\n  did you mean 'connect'?"
        )
        return report
    }

    private static func outbox() throws -> OutboxReport {
        let json = """
            {"isLast": true, "items": [
            {"number": 811, "id": "alert-7f3a-2", "account": "alerts@example.org", "to": "ada@example.org", "state": "held", "attempts": 0,
            "accepted": \(now - 7300), "expires": \(now + 500000), "reason": "no-key",
            "words": "no-key: none of the keys of ada@example.org may be encrypted to: 1 is held; see `oxbow keys list`"},
            {"number": 815, "id": "alert-7f3b-1", "account": "alerts@example.org", "to": "on-call@example.com", "state": "dead", "attempts": 6,
            "accepted": \(now - 9000), "expires": \(now + 500000), "settled": \(now - 600), "reason": "refused",
            "words": "refused: it came back: item-not-found"},
            {"number": 820, "id": "x", "account": "alerts@example.org", "to": "grace@example.org", "state": "accepted", "attempts": 0,
            "accepted": \(now - 20), "expires": \(now + 500000)}]}
            """
        return try JSON.decode(OutboxReport.self, json)
    }

    private static func recent() throws -> [RecentEvent] {
        let account = try JSON.address("alerts@example.org")
        let ada = try JSON.address("ada@example.org")
        let long = try JSON.address("somebody.with.a.very.long.name.indeed@conference.subdomain.example.museum")
        return [
            RecentEvent(time: now - 3, account: account, .sent, peer: ada, message: "alert-7f3c-1"),
            RecentEvent(
                time: now - 4,
                account: account,
                .handled,
                peer: ada,
                bot: "alerts",
                handler: "handlers[0]",
                reason: "done",
                message: "4711"
            ),
            RecentEvent(time: now - 5, account: account, .opened, peer: ada, message: "4711"),
            RecentEvent(time: now - 64, account: account, .refused, peer: long, reason: "replay", message: "4710"),
            RecentEvent(
                time: now - 600,
                account: account,
                .dead,
                peer: try JSON.address("on-call@example.com"),
                reason: "refused",
                message: "alert-7f3b-1"
            ),
            RecentEvent(time: now - 1260, account: try JSON.address("helper@example.net"), .disconnected, reason: "tls"),
            RecentEvent(time: now - 90_000, account: account, .connected),
        ]
    }

    private static func alerts() throws -> AlertsReport {
        let json = """
            {"at": \(now), "open": 2, "unacknowledged": 1, "silences": [], "mutes": [], "conversations": [
            {"account": "alerts@example.org", "number": 42, "title": "DiskWillFillIn4Hours: db1 (/var/lib/postgresql) has 3% left",
            "severity": "critical", "state": "firing", "since": \(now - 840), "updated": \(now - 60), "route": "alerts", "firing": 2, "told": 3,
            "escalates": \(now + 60)},
            {"account": "alerts@example.org", "number": 40, "title": "CertificateExpiresSoon: www.example.org", "severity": "warning",
            "state": "acknowledged", "since": \(now - 84_000), "updated": \(now - 80_000), "acknowledgedBy": "ada", "route": "alerts", "firing": 1,
            "told": 1}],
            "routes": [{"name": "alerts", "source": "alertmanager", "account": "alerts@example.org", "firing": 1, "acknowledged": 1}],
            "heartbeats": [
            {"name": "prometheus", "route": "alerts", "last": \(now - 40), "within": 300, "isMissing": false},
            {"name": "backup", "route": "backup", "last": \(now - 100_000), "within": 86400, "isMissing": true}],
            "schedules": [{"name": "standup", "account": "alerts@example.org", "next": \(now + 40_000), "last": \(now - 46_400)}]}
            """
        return try JSON.decode(AlertsReport.self, json)
    }
}
