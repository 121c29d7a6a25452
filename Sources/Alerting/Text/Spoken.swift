import Foundation

/// Times and durations for people.
enum Spoken {
    /// `45s`, `12m`, `1h 5m`, `3d 4h`: two units at most, the smaller one left out when it is none.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite else { return "0s" }
        let whole = Int(min(max(seconds, 0), 1e12))
        let (days, hours, minutes) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60)
        func pair(_ big: Int, _ bigUnit: String, _ small: Int, _ smallUnit: String) -> String {
            small == 0 ? "\(big)\(bigUnit)" : "\(big)\(bigUnit) \(small)\(smallUnit)"
        }
        if days > 0 { return pair(days, "d", hours, "h") }
        if hours > 0 { return pair(hours, "h", minutes, "m") }
        return minutes > 0 ? "\(minutes)m" : "\(whole)s"
    }

    /// `2026-11-21 18:02 UTC`, in the zone's time.
    static func time(_ date: Date, in zone: TimeZone) -> String {
        let offset = zone.secondsFromGMT(for: date)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute], from: date)
        func two(_ number: Int?) -> String {
            let text = String(number ?? 0)
            return text.count < 2 ? "0" + text : text
        }
        let day = "\(parts.year ?? 0)-\(two(parts.month))-\(two(parts.day))"
        return "\(day) \(two(parts.hour)):\(two(parts.minute)) \(name(offset))"
    }

    /// `UTC`, `UTC+1`, `UTC-3:30`: what abbreviations such as CST leave open.
    private static func name(_ offset: Int) -> String {
        guard offset != 0 else { return "UTC" }
        let (hours, minutes) = (abs(offset) / 3600, abs(offset) / 60 % 60)
        return "UTC\(offset < 0 ? "-" : "+")\(hours)" + (minutes == 0 ? "" : ":\(minutes < 10 ? "0" : "")\(minutes)")
    }

    /// `3 alerts`, `1 alert`.
    static func count(_ count: Int, _ noun: String) -> String { count == 1 ? "1 \(noun)" : "\(count) \(noun)s" }
}
