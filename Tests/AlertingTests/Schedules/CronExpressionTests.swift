import Foundation
import Testing
import YAMLConfiguration

@testable import Alerting

@Suite struct CronExpressionTests {
    @Test func fieldsAreRead() throws {
        let cron = try CronExpression("*/20 8-18/5 1,15-17 Jan-mar,12 MON-fri")
        #expect(cron.minutes == [0, 20, 40])
        #expect(cron.hours == [8, 13, 18])
        #expect(cron.days == [1, 15, 16, 17])
        #expect(cron.months == [1, 2, 3, 12])
        #expect(cron.weekdays == [1, 2, 3, 4, 5])
        #expect(try CronExpression("0 0 * * 7").weekdays == [0])
        #expect(try CronExpression("0 0 * * sat-sun").weekdays == [6, 0])
        #expect(try CronExpression("@weekly").weekdays == [0])
        #expect(try CronExpression("@hourly").isEveryHour)
    }

    @Test(arguments: [
        "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 13 *", "* * * * 8", "-1 * * * *",
        "*/0 * * * *",
        "5/10 * * * *", "1-2-3 * * * *", "9-5 * * * *", "a * * * *", "1, * * * *", "1/2/3 * * * *", "* * * * mond", "@reboot", "@every 5m",
        "99999999999999999999 * * * *", "+1 * * * *",
    ])
    func nonsenseIsRefused(_ text: String) {
        #expect(throws: Complaint.self) { try CronExpression(text) }
    }

    /// Dates that never come are errors, and not a search without end.
    @Test(arguments: ["0 0 31 2 *", "0 0 30 feb *", "0 0 31 4,6,9,11 *", "0 0 30 2 */2"])
    func datesThatNeverComeAreRefused(_ text: String) {
        #expect(throws: Complaint.self) { try CronExpression(text) }
    }

    @Test func aDateThatComesByItsWeekdayIsNoError() throws { _ = try CronExpression("0 0 31 2 mon") }

    @Test func daysAreThoseOfTheCalendar() {
        #expect(CivilDay(0) == CivilDay(0) && CivilDay(0).weekday == 4)
        let leap = CivilDay(19_782)
        #expect((leap.year, leap.month, leap.day, leap.weekday) == (2024, 2, 29, 4))
        let early = CivilDay(-1)
        #expect((early.year, early.month, early.day, early.weekday) == (1969, 12, 31, 3))
    }
}
