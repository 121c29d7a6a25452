import Alerting
import Foundation
import Oxbow

/// What `oxbow status` says about alerts: who has to do something. Of a message it has the number, never a word: also a title may be the first line
/// of what was sent.
struct AlertsSummary: Codable, Hashable {
    /// The report's name on the control socket.
    static let name = "alerts"
    /// How many conversations, and how many silences and people who want quiet, are listed at most.
    static let limit = 50
    /// How many conversations are printed for people.
    private static let lineLimit = 10

    /// How many conversations are open.
    var open: Int
    /// How many of them nobody sees to.
    var unacknowledged: Int
    /// Open conversations, what nobody sees to first.
    var conversations: [Conversation]
    /// Silences that were made from chat and last.
    var silences: [AlertsReport.Silence]
    /// People who want quiet.
    var mutes: [AlertsReport.Mute]
    /// Heartbeats that stay away.
    var missing: [AlertsReport.Heartbeat]
    /// The schedule that is due next.
    var next: AlertsReport.Schedule?

    /// An open conversation.
    struct Conversation: Codable, Hashable {
        var account: String
        var number: Int
        var severity: String
        /// `firing` or `acknowledged`.
        var state: String
        var since: Int64
        var route: String
        var acknowledgedBy: String?
        /// When the next people are told.
        var escalates: Int64?
    }

    /// `nil` where there is nothing that could be told of: no route, no schedule, nothing open.
    init?(_ report: AlertsReport) {
        guard report.open > 0 || !report.routes.isEmpty || !report.schedules.isEmpty else { return nil }
        open = report.open
        unacknowledged = report.unacknowledged
        conversations = report.conversations.prefix(Self.limit).map(Conversation.init)
        silences = Array(report.silences.prefix(Self.limit))
        mutes = Array(report.mutes.prefix(Self.limit))
        missing = report.heartbeats.filter(\.isMissing)
        next = report.schedules.filter { $0.next != nil }.min { ($0.next ?? 0, $0.name) < ($1.next ?? 0, $1.name) }
    }

    /// The report for the control socket, as JSON.
    static func report(_ alerts: AlertService) -> ControlServer.Report {
        {
            let summary = AlertsSummary(await alerts.desk.report())
            return String(decoding: try JSONEncoder().encode(summary), as: UTF8.self)
        }
    }

    /// Asks a running daemon; `nil` if it has nothing to tell of alerts, or is one that doesn't know the question.
    static func ask(_ client: ControlClient) async throws -> AlertsSummary? {
        do {
            let text = try await client.report(name)
            return try JSONDecoder().decode(AlertsSummary?.self, from: Data(text.utf8))
        } catch let error as ControlError where error.code == .unknown || error.code == .usage {
            return nil
        } catch is DecodingError {
            throw ControlError(.version, "the running Oxbow tells of alerts in a way that this program doesn't know; restart it")
        }
    }

    /// For people.
    var lines: [String] {
        var lines = ["alerts  \(open == 0 ? "nothing is open" : "\(open) open, \(unacknowledged) unacknowledged")"]
        for one in conversations.prefix(Self.lineLimit) {
            let state = one.acknowledgedBy.map { "\($0) sees to it" } ?? one.state
            let next = one.escalates.map { ", goes on to the next people \(time($0))" } ?? ""
            lines.append("  #\(one.number) of \(one.account), \(one.route): \(one.severity), \(state), since \(time(one.since))\(next)")
        }
        if open > Self.lineLimit { lines.append("  and \(open - min(conversations.count, Self.lineLimit)) more") }
        for silence in silences {
            let alert = silence.member.map { ".\($0)" } ?? ""
            lines.append(
                "  silenced  #\(silence.number)\(alert) of \(silence.account) by \(silence.by) until \(time(silence.until)), id \(silence.id)"
            )
        }
        for mute in mutes { lines.append("  quiet     \(mute.person) until \(time(mute.until)), missed \(mute.missed)") }
        for heartbeat in missing {
            lines.append("  missing   heartbeat \(heartbeat.name), \(heartbeat.last.map { "last seen \(time($0))" } ?? "never seen")")
        }
        if let next, let due = next.next { lines.append("  next      \(next.name) of \(next.account) \(time(due))") }
        return lines
    }
}

extension AlertsSummary.Conversation {
    fileprivate init(_ one: AlertsReport.OpenConversation) {
        self.init(
            account: one.account,
            number: one.number,
            severity: one.severity,
            state: one.state,
            since: one.since,
            route: one.route,
            acknowledgedBy: one.acknowledgedBy,
            escalates: one.escalates
        )
    }
}
