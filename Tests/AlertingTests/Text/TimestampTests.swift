import Foundation
import Testing

@testable import Alerting

@Suite struct TimestampTests {
    @Test(arguments: [
        ("2026-11-21T18:14:00Z", 1_795_284_840.0), ("2026-11-21T19:14:00+01:00", 1_795_284_840),
        ("2026-11-21T18:14:00.500000000Z", 1_795_284_840.5),
        ("2026-11-21 18:14:00 UTC", 1_795_284_840), ("2026-11-21 13:14:00 -0500", 1_795_284_840), ("2024-02-29T23:59:60Z", 1_709_251_200),
        ("9999-12-31T23:59:59Z", 253_402_300_799), ("2000-03-01T00:00:00Z", 951_868_800),
    ])
    func read(_ text: String, _ seconds: Double) throws {
        #expect(try #require(Timestamp.read(text)).timeIntervalSince1970 == seconds)
    }

    @Test(arguments: [
        "", "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-21", "2026-11-21T25:00:00Z",
        "2026-11-21T18:14:00+99:00",
        "2026-11-21T18:14:00Zulu?", "now", "99999999999999999999", "2026-11-21T18:14:00+", "２０２６-11-21T18:14:00Z", "-026-11-21T18:14:00Z",
    ])
    func none(_ text: String) {
        // What follows a Z is nobody's: the time stands.
        if text.contains("Zulu") { #expect(Timestamp.read(text) != nil) } else { #expect(Timestamp.read(text) == nil) }
    }

    @Test func unixNumbers() {
        #expect(Timestamp.unix(1_795_284_840) == Timestamp.read("2026-11-21T18:14:00Z"))
        #expect(Timestamp.unix(1_795_284_840_000) == Timestamp.read("2026-11-21T18:14:00Z"))
        #expect(Timestamp.unix(.nan) == nil)
        #expect(Timestamp.unix(.infinity) == nil)
        #expect(Timestamp.unix(-1e300) == nil)
        #expect(Timestamp.unix(1e300) == nil)
    }

    @Test(arguments: [
        (-5.0, "0s"), (0, "0s"), (45.9, "45s"), (60, "1m"), (754, "12m"), (3600, "1h"), (3900, "1h 5m"), (86_400, "1d"), (273_600, "3d 4h"),
        (.infinity, "0s"), (1e300, "11574074d 1h"),
    ])
    func durations(_ seconds: Double, _ text: String) {
        #expect(Spoken.duration(seconds) == text)
    }

    @Test func times() throws {
        let time = try #require(Timestamp.read("2026-11-21T18:02:00Z"))
        #expect(Spoken.time(time, in: .gmt) == "2026-11-21 18:02 UTC")
        #expect(Spoken.time(time, in: try #require(TimeZone(secondsFromGMT: 3600))) == "2026-11-21 19:02 UTC+1")
        #expect(Spoken.time(time, in: try #require(TimeZone(secondsFromGMT: -12_600))) == "2026-11-21 14:32 UTC-3:30")
    }
}
