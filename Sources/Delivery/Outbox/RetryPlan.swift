/// What follows a failure: a rule for each class, as a value (R10, R11).
public struct RetryPlan: Hashable, Sendable {
    /// How a class of failures is met.
    public struct Rule: Hashable, Sendable {
        /// The pause after the first failure, in seconds.
        public var first: Int64
        /// The longest pause, in seconds; each is twice the one before.
        public var longest: Int64
        /// After how many failures it is given up; `nil` if only at its expiry.
        public var attempts: Int?
        /// Whether it counts as held: somebody must do something.
        public var isHeld: Bool

        /// Makes a rule.
        public init(first: Int64, longest: Int64, attempts: Int? = nil, isHeld: Bool = false) {
            self.first = first
            self.longest = longest
            self.attempts = attempts
            self.isHeld = isHeld
        }
    }
    /// What to do.
    public enum Verdict: Hashable, Sendable {
        /// Try again after this many seconds.
        case retry(after: Int64)
        /// The same, but somebody must do something meanwhile.
        case hold(recheckAfter: Int64)
        /// Give it up.
        case dead
    }
    /// The rules of the classes that time can mend; a class without one is given up at once.
    public var rules: [OutboxFailure.Kind: Rule]

    /// Makes a plan.
    public init(rules: [OutboxFailure.Kind: Rule]) {
        self.rules = rules
    }

    /// The plan that is in use unless another is given.
    public static let standard = RetryPlan(rules: [
        .noKey: Rule(first: 60, longest: 3600, isHeld: true),
        .needsOperator: Rule(first: 60, longest: 3600, isHeld: true),
        .recipientUnavailable: Rule(first: 30, longest: 3600),
        .remoteServer: Rule(first: 30, longest: 3600),
        .rateLimited: Rule(first: 60, longest: 900),
        .serverPolicy: Rule(first: 60, longest: 3600, attempts: 5),
        .serverFailure: Rule(first: 30, longest: 3600),
        .offline: Rule(first: 5, longest: 60),
        .internal: Rule(first: 5, longest: 600),
        .noReceipt: Rule(first: 600, longest: 6 * 3600),
    ])

    /// What follows a failure.
    ///
    /// - Parameters:
    ///   - kind: What failed.
    ///   - attempts: How many failures there have been, this one included.
    ///   - fraction: A random number from 0 up to 1, so that not all go at once: a pause is up to a fifth longer than its rule says.
    public func verdict(for kind: OutboxFailure.Kind, attempts: Int, fraction: Double) -> Verdict {
        guard let rule = rules[kind] else { return .dead }
        if let limit = rule.attempts, attempts >= limit { return .dead }
        var pause = max(1, rule.first)
        for _ in 1..<max(2, min(attempts, 40)) where attempts > 1 && pause < rule.longest { pause *= 2 }
        pause = max(1, min(pause, rule.longest))
        if fraction > 0 { pause += Int64(Double(pause) * 0.2 * min(fraction, 1)) }
        return rule.isHeld ? .hold(recheckAfter: pause) : .retry(after: pause)
    }
}
