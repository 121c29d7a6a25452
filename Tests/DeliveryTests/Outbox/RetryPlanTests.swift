import Delivery
import Testing

@Suite struct RetryPlanTests {
    private let plan = RetryPlan.standard

    @Test func aPauseDoublesUpToItsLongest() {
        let pauses = (1...10).map { plan.verdict(for: .recipientUnavailable, attempts: $0, fraction: 0) }
        #expect(pauses == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600].map { .retry(after: $0) })
        #expect(plan.verdict(for: .recipientUnavailable, attempts: .max, fraction: 0) == .retry(after: 3600))
        #expect(plan.verdict(for: .recipientUnavailable, attempts: .min, fraction: 0) == .retry(after: 30))
    }

    @Test func chanceAddsUpToAFifth() {
        #expect(plan.verdict(for: .rateLimited, attempts: 1, fraction: 0.5) == .retry(after: 66))
        #expect(plan.verdict(for: .rateLimited, attempts: 1, fraction: 7) == .retry(after: 72))
        #expect(plan.verdict(for: .rateLimited, attempts: 1, fraction: .nan) == .retry(after: 60))
    }

    @Test func whatTimeDoesNotMendIsGivenUpAtOnce() {
        for kind: OutboxFailure.Kind in [.tooBig, .expired, .malformed, .refused] {
            #expect(plan.verdict(for: kind, attempts: 1, fraction: 0) == .dead, "\(kind)")
        }
    }

    @Test func whatSomebodyMustMendIsHeldAndPolicyIsTriedFiveTimes() {
        #expect(plan.verdict(for: .noKey, attempts: 100, fraction: 0) == .hold(recheckAfter: 3600))
        #expect(plan.verdict(for: .needsOperator, attempts: 100, fraction: 0) == .hold(recheckAfter: 3600))
        #expect(plan.verdict(for: .serverPolicy, attempts: 4, fraction: 0) == .retry(after: 480))
        #expect(plan.verdict(for: .serverPolicy, attempts: 5, fraction: 0) == .dead)
    }

    @Test(arguments: OutboxFailure.Kind.allCases) func noPauseIsTooLong(_ kind: OutboxFailure.Kind) {
        for attempts in 1...50 {
            switch plan.verdict(for: kind, attempts: attempts, fraction: 1) {
            case .retry(let pause), .hold(let pause): #expect((1..<OutboxQuery.longestWait).contains(pause))
            case .dead: break
            }
        }
    }

    @Test func R10_aBounceIsJudgedByItsCondition() {
        let temporary = [
            "remote-server-not-found", "remote-server-timeout", "service-unavailable", "recipient-unavailable", "resource-constraint",
            "internal-server-error",
        ]
        for condition in temporary {
            #expect(plan.verdict(for: OutboxFailure(bounce: condition).kind, attempts: 1, fraction: 0) != .dead, "\(condition)")
        }
        for condition in ["not-acceptable", "item-not-found", "forbidden", "policy-violation", "undefined-condition", "", "remote-server"] {
            #expect(OutboxFailure(bounce: condition).kind == .refused, "\(condition)")
        }
    }

    @Test func aPeersWordsAreShortAndOnOneLine() {
        let failure = OutboxFailure(bounce: "forbidden", text: "a\nb\u{1B}[2J" + String(repeating: "x", count: 5000))
        #expect(!failure.words.unicodeScalars.contains { $0.properties.generalCategory == .control })
        #expect(failure.words.utf8.count < 300)
        #expect(OutboxFailure(.internal, String(repeating: "ä", count: 5000)).words.utf8.count <= OutboxFailure.wordsLimit)
    }
}
