public import Foundation

/// Folds a route's storm: the first messages of a window go out, the rest is counted, and the count is told. Nothing is dropped in silence.
///
/// A value without IO: each arrival and each passing of time is an event with the time as a parameter. It can be written down (`Codable`) and taken
/// up after a restart; what is counted then is still told.
///
/// While it folds, whoever holds it asks ``summary(at:)`` at ``due`` and sends what comes out. A time that goes backwards counts as the last one seen,
/// unless it does so by more than the window: then the clock was set, and a new window begins.
public struct StormGuard: Sendable, Hashable, Codable {
    /// When folding begins.
    public struct Limits: Sendable, Hashable, Codable {
        /// How many messages may go out within a window; at least 1.
        public var messages: Int
        /// The window, in seconds.
        public var window: TimeInterval
        /// How long a count waits before it is told, in seconds; never longer than the window.
        public var summaryAfter: TimeInterval

        /// Makes limits: by default 20 messages in 5 minutes, and a count each minute.
        public init(messages: Int = 20, window: TimeInterval = 300, summaryAfter: TimeInterval = 60) {
            self.messages = max(messages, 1)
            self.window = max(window, 1)
            self.summaryAfter = min(max(summaryAfter, 1), self.window)
        }
    }

    /// What is to be done with a message.
    public enum Verdict: Sendable, Hashable {
        /// It goes out.
        case send
        /// It is counted and will be told with the next count.
        case fold
    }

    /// What was folded.
    public struct Summary: Sendable, Hashable, Codable {
        /// How many messages.
        public var messages: Int
        /// How many alerts in them fired.
        public var firing: Int
        /// How many were resolved.
        public var resolved: Int
        /// How many were neither.
        public var notes: Int
        /// The highest severity of what fired.
        public var severity: Severity
        /// Titles with how often they came; the first ``titleLimit`` different ones.
        public var titles: [String: Int]
        /// How many messages had further titles.
        public var others: Int
        /// When the first of them came.
        public var since: Date
        /// When the last of them came.
        public var until: Date

        /// How many different titles are kept.
        public static let titleLimit = 20

        /// The message: `STORM critical: 340 messages folded in 1m (312 firing, 28 resolved)`, then the commonest titles.
        public var text: String {
            let parts = [(firing, "firing"), (resolved, "resolved"), (notes, notes == 1 ? "note" : "notes")].filter { $0.0 > 0 }
            let counts = parts.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
            var lines = ["STORM" + (severity.text.map { " " + $0 } ?? "") + ": \(Spoken.count(messages, "message")) folded"]
            lines[0] += " in \(Spoken.duration(max(until.timeIntervalSince(since), 1)))" + (counts.isEmpty ? "" : " (\(counts))")
            let ranked = titles.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            lines += ranked.prefix(8).map { "- \($0.value)x \($0.key)" }
            let rest = others + ranked.dropFirst(8).reduce(0) { $0 + $1.value }
            if rest > 0 { lines.append("- \(Spoken.count(rest, "message")) of other kinds") }
            return lines.joined(separator: "\n")
        }
    }

    /// When folding begins. May be changed while it folds.
    public var limits: Limits
    /// The times of what went out, oldest first; never more than ``Limits/messages``.
    private var sent: [Date] = []
    private var folded: Summary?
    private var last: Date?

    /// Begins with an empty window.
    public init(limits: Limits = Limits()) { self.limits = limits }

    /// When the next count is due; `nil` when nothing is folded.
    public var due: Date? { folded.map { $0.since.addingTimeInterval(limits.summaryAfter) } }

    /// A message is about to go out.
    public mutating func arrive(_ intake: Intake, at time: Date) -> Verdict {
        let now = clamped(time)
        forget(before: now)
        // While there is a count to be told, later messages join it: otherwise they would be read before what came first.
        if folded == nil, sent.count < limits.messages {
            sent.append(now)
            return .send
        }
        fold(intake, at: now)
        return .fold
    }

    /// A message that can't go out, whatever the window says: it is counted and will be told with the next count.
    public mutating func hold(_ intake: Intake, at time: Date) {
        let now = clamped(time)
        forget(before: now)
        fold(intake, at: now)
    }

    /// What was folded, once it is due; each only once. It goes out as one message.
    public mutating func summary(at time: Date) -> Summary? {
        let now = clamped(time)
        guard let due, now >= due else { return nil }
        return flush(at: now)
    }

    /// What was folded, due or not: for the end of the process or of the route.
    public mutating func flush(at time: Date) -> Summary? {
        guard let summary = folded else { return nil }
        let now = clamped(time)
        folded = nil
        forget(before: now)
        // A count is a message, too: the storm's next ones are folded again, until the window is calm.
        sent.append(now)
        if sent.count > limits.messages { sent.removeFirst(sent.count - limits.messages) }
        return summary
    }

    private mutating func clamped(_ time: Date) -> Date {
        if let last, last.timeIntervalSince(time) > limits.window {
            // Until the clock is there again nothing would be told.
            sent = []
            folded?.since = time
            folded?.until = time
            self.last = nil
        }
        let now = max(time, last ?? time)
        last = now
        return now
    }

    private mutating func forget(before now: Date) {
        sent.removeAll { now.timeIntervalSince($0) >= limits.window }
    }

    private mutating func fold(_ intake: Intake, at now: Date) {
        var summary =
            folded
            ?? Summary(messages: 0, firing: 0, resolved: 0, notes: 0, severity: .unstated, titles: [:], others: 0, since: now, until: now)
        summary.messages += 1
        for alert in intake.alerts {
            switch alert.status {
            case .firing: summary.firing += 1
            case .resolved: summary.resolved += 1
            case .note: summary.notes += 1
            }
        }
        // Those that aren't listed stand as the whole does.
        switch intake.status {
        case .firing: summary.firing += intake.truncated
        case .resolved: summary.resolved += intake.truncated
        case .note: summary.notes += intake.truncated
        }
        if intake.status != .resolved { summary.severity = max(summary.severity, intake.severity) }
        if summary.titles[intake.title] != nil || summary.titles.count < Summary.titleLimit {
            summary.titles[intake.title, default: 0] += 1
        } else {
            summary.others += 1
        }
        summary.until = now
        folded = summary
    }
}
