public import Foundation

/// When a cron expression comes in a time zone, over changes of its clocks.
///
/// As in Vixie's cron: what is due at a time of day (its hours aren't all of them) comes once right after the change if the clock jumps over it, and
/// once, the first time, if the clock shows it twice. What recurs in every hour follows the time that passes: it leaves out what the clock jumps
/// over and comes in both of the hours that the clock shows twice.
public struct ScheduleClock: Sendable, Hashable {
    /// When.
    public let cron: CronExpression
    /// Where.
    public let zone: TimeZone

    /// How far ahead the next time is looked for, in days: 29 February on a given weekday comes at least every 40 years.
    static let horizon: Int64 = 41 * 366

    /// Makes a clock.
    public init(_ cron: CronExpression, zone: TimeZone) {
        self.cron = cron
        self.zone = zone
    }

    /// The first time after this one, in seconds since 1970; `nil` when there is none within 41 years.
    public func next(after time: Int64) -> Int64? { cron.isEveryHour ? nextByElapsed(after: time) : nextByWall(after: time) }

    /// How far the clock on the wall is ahead of UTC, in seconds.
    private func offset(at instant: Int64) -> Int64 { Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant)))) }

    private func nextByWall(after time: Int64) -> Int64? {
        var wall = time + offset(at: time)
        let end = wall + Self.horizon * 86_400
        while let match = match(after: wall, until: end) {
            // Of an hour that the clock shows twice this is the first showing: it may be over already.
            let instant = instant(ofWall: match)
            if instant > time { return instant }
            wall = match
        }
        return nil
    }

    private func nextByElapsed(after time: Int64) -> Int64? {
        // Between two changes of the clock wall and time go alike.
        var (start, shift) = (time, offset(at: time))
        let end = time + Self.horizon * 86_400
        while start < end, let match = match(after: start + shift, until: end + shift) {
            guard let change = change(of: shift, after: start, through: match - shift) else { return match - shift }
            (start, shift) = (change - 1, offset(at: change))
        }
        return nil
    }

    /// The first matching minute of the wall's clock after a time of the wall's clock.
    private func match(after wall: Int64, until end: Int64) -> Int64? {
        let first = (Self.floor(wall, 60) + 1) * 60
        var day = Self.floor(first, 86_400)
        let last = Self.floor(end, 86_400)
        let times = cron.hours.flatMap { hour in cron.minutes.map { Int64(hour * 3600 + $0 * 60) } }.sorted()
        while day <= last {
            if cron.matches(CivilDay(day)), let found = times.first(where: { day * 86_400 + $0 >= first }) { return day * 86_400 + found }
            day += 1
        }
        return nil
    }

    /// When the wall's clock shows a time: the first of two; of none, when the clock jumps over it.
    private func instant(ofWall wall: Int64) -> Int64 {
        let (before, after) = (offset(at: wall - 86_400), offset(at: wall + 86_400))
        if before == after, offset(at: wall - before) == before { return wall - before }
        let shown = [wall - before, wall - after].filter { $0 + offset(at: $0) == wall }.min()
        if let shown { return shown }
        return change(of: before, after: wall - max(before, after) - 1, through: wall - min(before, after) + 1) ?? wall - before
    }

    /// The first instant in (after, through] at which the clock isn't this far ahead of UTC.
    private func change(of shift: Int64, after: Int64, through: Int64) -> Int64? {
        var low = after
        // Half days: no zone changes its clock there and back within one.
        while low < through {
            let high = min(low + 43_200, through)
            if offset(at: high) != shift {
                var (left, right) = (low, high)
                while right - left > 1 {
                    let middle = left + (right - left) / 2
                    if offset(at: middle) == shift { left = middle } else { right = middle }
                }
                return right
            }
            low = high
        }
        return nil
    }

    private static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }
}
