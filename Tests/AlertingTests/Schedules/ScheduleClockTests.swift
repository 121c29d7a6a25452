import Alerting
import Foundation
import Testing

@Suite struct ScheduleClockTests {
    private func clock(_ cron: String, _ zone: String = "Europe/Berlin") throws -> ScheduleClock {
        ScheduleClock(try CronExpression(cron), zone: try #require(TimeZone(identifier: zone)))
    }

    private func time(_ text: String) throws -> Int64 {
        Int64(try Date(text, strategy: .iso8601).timeIntervalSince1970)
    }

    /// The next times after one, in UTC.
    private func times(_ clock: ScheduleClock, after start: String, _ count: Int) throws -> [String] {
        var time = try time(start)
        return try (0..<count).map { _ in
            time = try #require(clock.next(after: time))
            return Date(timeIntervalSince1970: Double(time)).formatted(.iso8601)
        }
    }

    @Test func plainTimes() throws {
        #expect(
            try times(clock("30 9 * * mon-fri", "UTC"), after: "2026-11-20T09:30:00Z", 2) == [
                "2026-11-23T09:30:00Z", "2026-11-24T09:30:00Z",
            ]
        )
        #expect(
            try times(clock("*/15 * * * *", "UTC"), after: "2026-12-31T23:50:10Z", 2) == ["2027-01-01T00:00:00Z", "2027-01-01T00:15:00Z"]
        )
        // A minute that has begun is over.
        #expect(try times(clock("0 9 * * *", "UTC"), after: "2026-11-20T09:00:00Z", 1) == ["2026-11-21T09:00:00Z"])
    }

    @Test func dayOrWeekday() throws {
        // The 13th, and every Friday.
        #expect(
            try times(clock("0 0 13 * fri", "UTC"), after: "2026-11-10T00:00:00Z", 3) == [
                "2026-11-13T00:00:00Z", "2026-11-20T00:00:00Z", "2026-11-27T00:00:00Z",
            ]
        )
        // Every second day, if it is a Friday.
        #expect(
            try times(clock("0 0 */2 * fri", "UTC"), after: "2026-11-10T00:00:00Z", 2) == ["2026-11-13T00:00:00Z", "2026-11-27T00:00:00Z"]
        )
    }

    @Test func leapDays() throws {
        #expect(
            try times(clock("0 0 29 2 *", "UTC"), after: "2026-11-10T00:00:00Z", 2) == ["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"]
        )
        // 2100 is none.
        #expect(try times(clock("0 0 29 2 *", "UTC"), after: "2096-03-01T00:00:00Z", 1) == ["2104-02-29T00:00:00Z"])
    }

    /// Berlin, 29 March 2026: at 02:00 it is 03:00.
    @Test func whatTheClockJumpsOverComesOnceRightAfter() throws {
        #expect(
            try times(clock("30 2 * * *"), after: "2026-03-28T00:00:00Z", 3) == [
                "2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z",
            ]
        )
        // Several in the gap, and one right after it: once.
        #expect(
            try times(clock("*/20 2,3 * * *"), after: "2026-03-29T00:59:00Z", 3) == [
                "2026-03-29T01:00:00Z", "2026-03-29T01:20:00Z", "2026-03-29T01:40:00Z",
            ]
        )
        #expect(try times(clock("0 3 * * *"), after: "2026-03-28T02:00:00Z", 2) == ["2026-03-29T01:00:00Z", "2026-03-30T01:00:00Z"])
    }

    /// Berlin, 25 October 2026: at 03:00 it is 02:00 again.
    @Test func whatTheClockShowsTwiceComesOnce() throws {
        #expect(
            try times(clock("30 2 * * *"), after: "2026-10-24T00:00:00Z", 3) == [
                "2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z",
            ]
        )
        // Asked in the second showing, it is over.
        #expect(try times(clock("30 2 * * *"), after: "2026-10-25T01:10:00Z", 1) == ["2026-10-26T01:30:00Z"])
        #expect(try times(clock("0 3 * * *"), after: "2026-10-25T00:10:00Z", 1) == ["2026-10-25T02:00:00Z"])
    }

    @Test func whatRecursInEveryHourFollowsTheTimeThatPasses() throws {
        #expect(
            try times(clock("5 * * * *"), after: "2026-10-24T23:30:00Z", 4) == [
                "2026-10-25T00:05:00Z", "2026-10-25T01:05:00Z", "2026-10-25T02:05:00Z", "2026-10-25T03:05:00Z",
            ]
        )
        #expect(
            try times(clock("30 * * * *"), after: "2026-03-29T00:00:00Z", 3) == [
                "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z", "2026-03-29T02:30:00Z",
            ]
        )
        // The change's own instant.
        #expect(try times(clock("0 * * * *"), after: "2026-03-29T00:30:00Z", 2) == ["2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"])
        #expect(try times(clock("0 * * * *"), after: "2026-10-25T00:30:00Z", 2) == ["2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"])
    }

    /// Half an hour's change (Lord Howe, April 2026), a day that wasn't (Samoa, 30 December 2011), offsets of 45 minutes (Nepal).
    @Test func otherZones() throws {
        #expect(
            try times(clock("45 1 * * *", "Australia/Lord_Howe"), after: "2026-04-04T12:00:00Z", 2) == [
                "2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z",
            ]
        )
        #expect(
            try times(clock("0 12 * * *", "Pacific/Apia"), after: "2011-12-29T12:00:00Z", 3) == [
                "2011-12-29T22:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T22:00:00Z",
            ]
        )
        #expect(try times(clock("0 6 * * *", "Asia/Kathmandu"), after: "2026-01-01T00:20:00Z", 1) == ["2026-01-02T00:15:00Z"])
    }

    /// Over two years, in zones with and without changes: strictly ascending, and one a day.
    @Test(arguments: ["Europe/Berlin", "America/New_York", "Africa/Casablanca", "UTC", "America/Sao_Paulo"])
    func onceADay(_ zone: String) throws {
        let clock = try clock("30 2 * * *", zone)
        var time = try time("2025-12-31T12:00:00Z")
        for _ in 0..<730 {
            let next = try #require(clock.next(after: time))
            #expect(next > time && next - time <= 26 * 3600)
            time = next
        }
        #expect(abs(time - (try self.time("2027-12-31T12:00:00Z"))) < 86_400)
    }
}
