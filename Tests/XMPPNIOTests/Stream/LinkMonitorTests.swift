import NIOCore
import Testing

@testable import XMPPNIO

@Suite struct LinkMonitorTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000)
    private func at(_ seconds: Int64) -> NIODeadline { start + .seconds(seconds) }

    @Test func asksAfterSilenceAndGivesUpWithoutAnAnswer() {
        var monitor = LinkMonitor(LinkMonitor.Limits(silence: .seconds(60), answer: .seconds(20)), now: start)
        #expect(monitor.deadline == at(60))
        monitor.heard(at: at(50))
        #expect(monitor.verdict(at: at(60), isReading: true) == .wait)
        #expect(monitor.deadline == at(110))
        #expect(monitor.verdict(at: at(110), isReading: true) == .ask)
        #expect(monitor.deadline == at(130))
        monitor.heard(at: at(129))
        #expect(monitor.verdict(at: at(130), isReading: true) == .wait)
        #expect(monitor.verdict(at: at(189), isReading: true) == .ask)
        #expect(monitor.verdict(at: at(209), isReading: true) == .dead)
    }

    @Test("A server that reads slowly gets the time to read what was written") func slowReader() {
        var monitor = LinkMonitor(LinkMonitor.Limits(silence: .seconds(60), answer: .seconds(20)), now: start)
        monitor.wrote(Int(LinkMonitor.rate) * 100, at: at(10))
        monitor.wrote(Int(LinkMonitor.rate) * 50, at: at(20))
        #expect(monitor.verdict(at: at(60), isReading: true) == .ask)
        // Read at 160 s at the earliest that may be expected.
        #expect(monitor.deadline == at(180))
        #expect(monitor.verdict(at: at(179), isReading: true) == .wait)
        #expect(monitor.verdict(at: at(180), isReading: true) == .dead)
    }

    @Test func ourOwnBackPressureIsNoDeath() {
        var monitor = LinkMonitor(LinkMonitor.Limits(silence: .seconds(60), answer: .seconds(20)), now: start)
        #expect(monitor.verdict(at: at(60), isReading: true) == .ask)
        #expect(monitor.verdict(at: at(80), isReading: false) == .wait)
        #expect(monitor.deadline == at(140))
    }
}
