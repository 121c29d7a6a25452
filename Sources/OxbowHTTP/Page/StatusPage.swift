public import Alerting
import Crypto
import Foundation
public import Oxbow

/// The status page behind `/`: for people, with a browser or a phone. Text and pictures in one document, without a script.
///
/// It shows how things stand, the titles of open alerts, and never what a message says.
public struct StatusPage: Sendable {
    /// The accounts; `nil` if nobody can say.
    var status: StatusReport?
    /// What the accounts say of themselves in numbers.
    var gauges: [Gauge]
    /// What is in the outboxes, oldest first; `nil` if nobody can say.
    var outbox: OutboxReport?
    /// What happened last, newest first.
    var recent: [RecentEvent]
    /// What there is of alerts; `nil` without a desk.
    var alerts: AlertsReport?
    /// The times on the page.
    var time: PageTime

    /// How many lines of one list there are; what is more is counted.
    static let lines = 50

    /// Makes a page.
    public init(
        status: StatusReport?,
        gauges: [Gauge] = [],
        outbox: OutboxReport? = nil,
        recent: [RecentEvent] = [],
        alerts: AlertsReport? = nil,
        now: Int64
    ) {
        self.status = status
        self.gauges = gauges
        self.outbox = outbox
        self.recent = recent
        self.alerts = alerts
        time = PageTime(now: now)
    }

    /// What the page is, for `Content-Type`.
    public static let contentType = "text/html; charset=utf-8"

    /// The headers that belong to the page: nothing but its own style is taken, nobody may frame it, and nobody keeps it.
    public static let headers: [(name: String, value: String)] = [
        ("Content-Security-Policy", policy), ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cache-Control", "no-store"),
    ]

    private static let policy: String = {
        let digest = Data(SHA256.hash(data: Data(PageStyle.css.html.utf8))).base64EncodedString()
        return "default-src 'none'; style-src 'sha256-\(digest)'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    }()

    /// The document.
    public var html: String { document.html }

    private var document: Markup {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="robots" content="noindex">
        <meta http-equiv="refresh" content="30">
        <title>\(title)</title>
        <style>\(PageStyle.css)</style>
        </head>
        <body>
        \(header)
        <main>
        \(reload)\(accountsSection)\(alertsSection)\(outboxSection)\(duties)\(eventsSection)
        </main>
        <footer><p>As of \(PageTime.text(time.now)) UTC. The page loads itself anew every 30 seconds. It shows the titles of alerts, and of messages nothing but their way.</p></footer>
        </body>
        </html>

        """
    }

    private var title: String {
        guard let status else { return "Oxbow: no answer" }
        let down = status.accounts.filter { $0.state != "online" }.count
        return down == 0 ? "Oxbow: all online" : "Oxbow: \(down) of \(status.accounts.count) not online"
    }

    private var header: Markup {
        """
        <header>
        <div class="brand">\(PageStyle.mark)<h1>Oxbow</h1></div>
        <p class="build">\(build)</p>
        \(verdict)
        </header>
        """
    }

    private var build: Markup {
        guard let status else { return "The runtime gives no answer." }
        return "version \(status.version), up \(time.duration(since: status.since))"
    }

    /// What somebody wants to know who has two seconds.
    private var verdict: Markup {
        guard let status else { return "<p class=\"verdict bad\">Nothing can be said about the accounts now: the log says why.</p>" }
        let down = status.accounts.filter { $0.state != "online" }.count
        let dead = outboxCount("dead")
        let held = outboxCount("held")
        let missing = alerts?.heartbeats.filter(\.isMissing).count ?? 0
        var troubles: [Markup] = []
        if down > 0 { troubles.append("\(down) of \(Self.count(status.accounts.count, "account")) \(down == 1 ? "is" : "are") not online") }
        if dead > 0 { troubles.append("\(Self.count(dead, "message")) \(dead == 1 ? "was" : "were") given up") }
        if held > 0 { troubles.append("\(Self.count(held, "message")) \(held == 1 ? "waits" : "wait") for a key or for you") }
        if missing > 0 { troubles.append("\(Self.count(missing, "heartbeat")) \(missing == 1 ? "stays" : "stay") away") }
        if status.reload?.error != nil { troubles.append("the last reload was refused") }
        guard troubles.isEmpty else {
            let items = Markup(troubles.map { "<li>\($0)</li>" })
            return "<ul class=\"verdict \(down > 0 || dead > 0 || missing > 0 ? "bad" : "warn")\">\(items)</ul>"
        }
        return
            "<p class=\"verdict good\">\(status.accounts.count == 1 ? "The account is" : "All \(status.accounts.count) accounts are") online, and nothing needs you.</p>"
    }

    private var reload: Markup? {
        guard let reload = status?.reload else { return nil }
        guard let error = reload.error else {
            return "<p class=\"note\">The configuration was read again \(time.markup(reload.time)), and taken on.</p>"
        }
        return """
            <section class="card bad"><h2>The configuration was refused</h2>
            <p>Read \(time.markup(reload.time)); nothing was changed.</p><pre>\(Self.lines(error))</pre></section>
            """
    }

    /// A text of several lines; each is escaped by itself, so that the line breaks stay.
    private static func lines(_ text: String) -> Markup {
        Markup(text.split(separator: "\n", omittingEmptySubsequences: false).map { "\(String($0))\n" })
    }

    /// A number with its noun.
    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// What is said where a list was cut.
    static func more(_ count: Int, _ hint: Markup) -> Markup? {
        count > 0 ? "<p class=\"note\">… and \(count) more. \(hint)</p>" : nil
    }
}
