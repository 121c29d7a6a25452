import Alerting
import Foundation
import Testing

@Suite struct StormGuardTests {
    private let limits = StormGuard.Limits(messages: 3, window: 100, summaryAfter: 10)

    private func message(_ title: String, _ status: AlertStatus = .firing, _ severity: Severity = .warning, truncated: Int = 0) -> Intake {
        let alert = Alert(fingerprint: title, status: status, severity: severity, title: title)
        return Intake(source: "text", groupKey: title, status: status, title: title, alerts: [alert], truncated: truncated)
    }

    private func at(_ seconds: Double) -> Date { sampleTime.addingTimeInterval(seconds) }

    @Test func theFirstGoOutTheRestIsCounted() throws {
        var guarding = StormGuard(limits: limits)
        #expect((0..<5).map { guarding.arrive(message("m\($0)"), at: at(Double($0))) } == [.send, .send, .send, .fold, .fold])
        #expect(guarding.due == at(13))
        #expect(guarding.summary(at: at(12)) == nil)
        let told = guarding.summary(at: at(13))
        let summary = try #require(told)
        #expect(summary.messages == 2)
        #expect(summary.titles == ["m3": 1, "m4": 1])
        #expect(summary.text == "STORM warning: 2 messages folded in 1s (2 firing)\n- 1x m3\n- 1x m4")
        #expect(guarding.due == nil)
        #expect(guarding.summary(at: at(14)) == nil)
    }

    @Test func theStormGoesOnAndEnds() {
        var guarding = StormGuard(limits: limits)
        for second in 0..<4 { _ = guarding.arrive(message("m"), at: at(Double(second))) }
        #expect(guarding.summary(at: at(13))?.messages == 1)
        // The count was a message, too.
        #expect(guarding.arrive(message("m"), at: at(14)) == .fold)
        #expect(guarding.summary(at: at(24))?.messages == 1)
        // The window has room again when what went out is older than it: nothing went out between 24 and here.
        #expect(guarding.arrive(message("m"), at: at(125)) == .send)
        #expect(guarding.arrive(message("m"), at: at(126)) == .send)
    }

    /// A clock that was set back by more than a window begins a new one; what is counted is still told.
    @Test func aClockThatIsSetBackDoesNotHoldTheCount() {
        var guarding = StormGuard(limits: limits)
        for second in 0..<4 { _ = guarding.arrive(message("m"), at: at(1e7 + Double(second))) }
        #expect(guarding.arrive(message("m"), at: at(0)) == .fold)
        #expect(guarding.due == at(10))
        #expect(guarding.summary(at: at(10))?.messages == 2)
        #expect(guarding.arrive(message("m"), at: at(11)) == .send)
    }

    /// What comes while a count waits joins it: it would else be read before what came first.
    @Test func orderIsKept() {
        var guarding = StormGuard(limits: StormGuard.Limits(messages: 1, window: 10, summaryAfter: 10))
        #expect(guarding.arrive(message("a"), at: at(0)) == .send)
        #expect(guarding.arrive(message("b"), at: at(9)) == .fold)
        #expect(guarding.arrive(message("c"), at: at(15)) == .fold)
        #expect(guarding.summary(at: at(19))?.messages == 2)
    }

    /// Every message is sent or in a count, whatever comes when.
    @Test func nothingIsDroppedInSilence() {
        var guarding = StormGuard(limits: limits)
        var (sent, told, seed) = (0, 0, UInt64(7))
        var time = 0.0
        for number in 0..<2000 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            time += Double(seed >> 40 & 63) / 4
            if let summary = guarding.summary(at: at(time)) { told += summary.messages }
            if guarding.arrive(message("m\(number % 50)"), at: at(time)) == .send { sent += 1 }
        }
        if let summary = guarding.flush(at: at(time)) { told += summary.messages }
        #expect(sent + told == 2000)
        #expect(sent >= 3 && told > 100)
        #expect(guarding.flush(at: at(time)) == nil)
    }

    @Test func titlesAreBounded() throws {
        var guarding = StormGuard(limits: StormGuard.Limits(messages: 1, window: 10, summaryAfter: 10))
        for number in 0..<1001 { _ = guarding.arrive(message("m\(number)"), at: at(0)) }
        _ = guarding.arrive(message("m1"), at: at(1))
        let told = guarding.flush(at: at(2))
        let summary = try #require(told)
        #expect(summary.messages == 1001)
        #expect(summary.titles.count == 20)
        #expect(summary.others == 980)
        #expect(summary.text.hasPrefix("STORM warning: 1001 messages folded in 1s (1001 firing)\n- 2x m1\n- 1x m10\n"))
        #expect(summary.text.hasSuffix("\n- 992 messages of other kinds"))
    }

    @Test func countsByStatus() throws {
        var guarding = StormGuard(limits: StormGuard.Limits(messages: 1))
        _ = guarding.arrive(message("first"), at: at(0))
        _ = guarding.arrive(message("a", .resolved, .critical), at: at(1))
        _ = guarding.arrive(message("b", .note, .unstated), at: at(2))
        _ = guarding.arrive(message("c", .firing, .error, truncated: 4), at: at(65))
        let told = guarding.flush(at: at(65))
        let summary = try #require(told)
        #expect(
            summary.text.hasPrefix("STORM error: 3 messages folded in 1m 4s (5 firing, 1 resolved, 1 note)")
                || summary.text.hasPrefix("STORM error: 3 messages folded in 1m (5 firing, 1 resolved, 1 note)")
        )
    }

    @Test func aClockThatGoesBack() {
        var guarding = StormGuard(limits: limits)
        for _ in 0..<4 { _ = guarding.arrive(message("m"), at: at(50)) }
        #expect(guarding.arrive(message("m"), at: at(-10_000)) == .fold)
        #expect(guarding.summary(at: at(60))?.messages == 2)
    }

    @Test func afterARestart() throws {
        var guarding = StormGuard(limits: limits)
        for _ in 0..<5 { _ = guarding.arrive(message("m"), at: at(0)) }
        var again = try JSONDecoder().decode(StormGuard.self, from: JSONEncoder().encode(guarding))
        #expect(again == guarding)
        #expect(again.summary(at: at(10))?.messages == 2)
    }

    @Test func limitsAreMadeSensible() {
        let limits = StormGuard.Limits(messages: 0, window: -1, summaryAfter: 1000)
        #expect(limits.messages == 1 && limits.window == 1 && limits.summaryAfter == 1)
    }
}
