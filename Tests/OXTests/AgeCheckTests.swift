import Testing

@testable import OX

@Suite("R1 S6 age")
struct AgeCheckTests {
    private let now: Int64 = 1_800_000_000
    private let day: Int64 = 86_400

    private func judge(
        _ age: Int64,
        signed: Int64? = nil,
        delays: [Int64] = [],
        birth: Int64 = 0,
        birthTolerance: Int64 = 60,
        maxAge: Int64 = 7 * 86_400
    ) -> RefusalReason? {
        do throws(OpenRefusal) {
            let time = now - age
            try AgeCheck(birth: birth, maxAge: maxAge, birthTolerance: birthTolerance).judge(
                time: time,
                signatures: [signed ?? time],
                received: now,
                delays: delays.map { now - $0 }
            )
            return nil
        } catch {
            return error.reason
        }
    }

    @Test("live content may be ten minutes old and five minutes ahead") func live() {
        for age in [-300, -1, 0, 1, 600] as [Int64] { #expect(judge(age) == nil) }
        #expect(judge(601) == .stale)
        #expect(judge(-301) == .time)
    }

    @Test("A6 the signature's time and the content's go together") func signature() {
        #expect(judge(0, signed: now - 300) == nil)
        #expect(judge(0, signed: now + 300) == nil)
        #expect(judge(0, signed: now - 301) == .time)
        #expect(judge(0, signed: now + 301) == .time)
        #expect(judge(100, signed: .max) == .time)
        #expect(judge(100, signed: 0) == .time)
    }

    @Test("S4 every signature's time counts") func signatures() {
        #expect(throws: OpenRefusal.self) {
            try AgeCheck(birth: 0).judge(time: now, signatures: [now, now - 1000], received: now, delays: [])
        }
    }

    @Test("R1 a delay explains an age of up to max_age, and only its own") func delay() {
        #expect(judge(3 * day, delays: [3 * day]) == nil)
        #expect(judge(3 * day, delays: [3 * day - 600]) == nil)
        #expect(judge(3 * day, delays: [2 * day]) == .stale)
        #expect(judge(3 * day, delays: [4 * day]) == .stale)
        #expect(judge(3 * day, delays: [1 * day, 3 * day]) == nil)
        #expect(judge(7 * day, delays: [7 * day]) == nil)
        #expect(judge(7 * day + 1, delays: [7 * day + 1]) == .stale)
        #expect(judge(2 * day, delays: [2 * day], maxAge: day) == .stale)
    }

    @Test("R1 a delay in the future explains nothing, and live content needs none") func oddDelays() {
        #expect(judge(3 * day, delays: [-3 * day]) == .stale)
        #expect(judge(10, delays: [5 * day]) == nil)
        #expect(judge(-1000, delays: [-1000]) == .time)
    }

    @Test("R1 nothing is older than the store, but for a clock's lag") func birth() {
        #expect(judge(3 * day, delays: [3 * day], birth: now - 2 * day) == .stale)
        #expect(judge(3 * day, delays: [3 * day], birth: now - 4 * day) == nil)
        #expect(judge(300, birth: now) == .stale)
        #expect(judge(60, birth: now) == nil)
        #expect(judge(60, birth: now, birthTolerance: 0) == .stale)
        #expect(judge(0, birth: now, birthTolerance: 0) == nil)
    }

    @Test("R1, R2: what our server had before the store's birth is stale, however fast its sender's clock is") func fastClock() {
        #expect(judge(-120, delays: [100], birth: now) == .stale)
        #expect(judge(-120, delays: [-10, 100], birth: now) == .stale)
        #expect(judge(-120, delays: [-10], birth: now) == nil)
        #expect(judge(-120, delays: [1], birth: now, birthTolerance: 0) == .stale)
        #expect(judge(-120, delays: [0], birth: now, birthTolerance: 0) == nil)
    }
}
