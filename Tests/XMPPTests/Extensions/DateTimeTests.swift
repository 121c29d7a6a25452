import Foundation
import Testing

@testable import XMPP

@Suite struct DateTimeTests {
    @Test(
        "T5",
        arguments: [
            ("1969-07-21T02:56:15Z", -14_159_025), ("1969-07-20T21:56:15-05:00", -14_159_025), ("1969-07-20T21:56:15-0500", -14_159_025),
            ("1969-07-21T02:56:15.123456789Z", -14_159_025), ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00.9+00:00", 0),
            ("2000-02-29T23:59:59+23:59", 951_782_459), ("2016-12-31T23:59:60Z", 1_483_228_800), ("0001-01-01T00:00:00Z", -62_135_596_800),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] as [(String, Int64)]
    )
    func reads(_ text: String, _ seconds: Int64) {
        #expect(DateTime.seconds(text) == seconds)
    }

    @Test(arguments: [
        "", "2000-01-01", "2000-01-01T00:00:00", "2000-01-01 00:00:00Z", "2000-1-1T00:00:00Z", "2000-13-01T00:00:00Z",
        "2000-00-01T00:00:00Z",
        "2001-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2000-04-31T00:00:00Z", "2000-01-00T00:00:00Z", "2000-01-01T24:00:00Z",
        "2000-01-01T00:60:00Z", "2000-01-01T00:00:61Z", "2000-01-01T00:00:00.Z", "2000-01-01T00:00:00ZZ", "2000-01-01T00:00:00+24:00",
        "2000-01-01T00:00:00+1", "2000-01-01T00:00:00+00:60", "0000-01-01T00:00:00Z", "+200-01-01T00:00:00Z", " 2000-01-01T00:00:00Z",
        "２000-01-01T00:00:00Z", "2000-01-01T00:00:00.\(String(repeating: "0", count: 100))Z",
    ])
    func refuses(_ text: String) {
        #expect(DateTime.seconds(text) == nil)
    }

    @Test("E4") func writes() {
        #expect(DateTime.text(0) == "1970-01-01T00:00:00Z")
        #expect(DateTime.text(951_782_399) == "2000-02-28T23:59:59Z")
        #expect(DateTime.text(-1) == "1969-12-31T23:59:59Z")
        #expect(DateTime.text(.max) == "9999-12-31T23:59:59Z")
        #expect(DateTime.text(.min) == "0001-01-01T00:00:00Z")
    }

    @Test func agreesWithFoundationOnEveryDay() throws {
        let formatter = ISO8601DateFormatter()
        var second: Int64 = -11_644_473_600
        while second < 13_000_000_000 {
            #expect(DateTime.seconds(DateTime.text(second)) == second)
            second += 86_400 * 13 + 3_607
        }
        for second in stride(from: -2_000_000_000, through: 8_000_000_000, by: 77_777_777) {
            #expect(DateTime.text(Int64(second)) == formatter.string(from: Date(timeIntervalSince1970: TimeInterval(second))))
        }
    }
}
