import Testing

@testable import Oxbow

@Suite("The machine's clock is set")
struct ClockWatchTests {
    @Test("an even clock settles after half an hour, and small corrections are none of our business")
    func even() {
        var watch = ClockWatch(wall: 1_000_000, uptime: .zero)
        for tick in 1...400 {
            // NTP slews; a look comes late on a busy machine.
            #expect(watch.look(wall: 1_000_000 + Int64(tick) * 10 + Int64(tick % 30), uptime: .seconds(tick * 10)) == nil)
            #expect(watch.isSettled(uptime: .seconds(tick * 10)) == (tick >= 180))
        }
    }

    @Test("a laptop that sleeps for a night is no jump: both clocks have gone on")
    func sleep() {
        var watch = ClockWatch(wall: 1_000_000, uptime: .seconds(5000))
        #expect(watch.look(wall: 1_030_000, uptime: .seconds(35_000)) == nil)
        #expect(watch.isSettled(uptime: .seconds(35_000)))
    }

    @Test(
        "a clock that is set, back or forward, is noticed once and not believed for a day",
        arguments: [-3600, 3600, 60 * 86_400, -60] as [Int64]
    )
    func jumps(by: Int64) {
        var watch = ClockWatch(wall: 1_000_000, uptime: .zero)
        #expect(watch.look(wall: 1_007_200, uptime: .seconds(7200)) == nil)
        #expect(watch.isSettled(uptime: .seconds(7200)))
        #expect(watch.look(wall: 1_007_210 + by, uptime: .seconds(7210)) == by)
        #expect(watch.look(wall: 1_007_220 + by, uptime: .seconds(7220)) == nil)
        #expect(!watch.isSettled(uptime: .seconds(7220)))
        #expect(!watch.isSettled(uptime: .seconds(7210 + 86_399)))
        #expect(watch.isSettled(uptime: .seconds(7210 + 86_400)))
    }
}
