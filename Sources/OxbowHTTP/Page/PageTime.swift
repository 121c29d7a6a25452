import Foundation

/// Times on the page: how long ago, with the time itself beside it, all in UTC.
struct PageTime: Sendable {
    /// The time of the page, in seconds since 1970.
    var now: Int64

    /// A time in UTC, such as `2026-11-21 21:42:06`.
    static func text(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: TimeInterval(seconds))
            .formatted(.iso8601.year().month().day().dateTimeSeparator(.space).time(includingFractionalSeconds: false))
    }

    /// A time for programs.
    private static func exact(_ seconds: Int64) -> String { Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601) }

    /// How long something lasts in its two largest units: `3 d 4 h`, `12 min`, `5 s`.
    static func span(_ seconds: Int64) -> String {
        let seconds = max(0, seconds)
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3600: return "\(seconds / 60) min"
        case ..<86_400: return pair(seconds / 3600, "h", seconds % 3600 / 60, "min")
        default: return pair(seconds / 86_400, "d", seconds % 86_400 / 3600, "h")
        }
    }

    private static func pair(_ large: Int64, _ unit: String, _ small: Int64, _ smaller: String) -> String {
        small == 0 ? "\(large) \(unit)" : "\(large) \(unit) \(small) \(smaller)"
    }

    /// `3 min ago` or `in 3 min`.
    func markup(_ seconds: Int64) -> Markup {
        let words = seconds > now ? "in " + Self.span(seconds - now) : Self.span(now - seconds) + " ago"
        return "<time datetime=\"\(Self.exact(seconds))\" title=\"\(Self.text(seconds)) UTC\">\(words)</time>"
    }

    /// `3 min`: for how long it is so.
    func duration(since seconds: Int64) -> Markup {
        "<time datetime=\"\(Self.exact(seconds))\" title=\"since \(Self.text(seconds)) UTC\">\(Self.span(now - seconds))</time>"
    }
}
