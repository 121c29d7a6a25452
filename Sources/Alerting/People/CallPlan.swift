/// Who is told at once, and who next as long as nobody acknowledges: steps of people.
public struct CallPlan: Sendable, Hashable {
    /// The steps, the first one first. A person stands in the first step that names them; no step is empty.
    public private(set) var steps: [[Person]]
    /// Whether somebody was left out, since there were more people or steps than a plan keeps.
    public private(set) var isCut = false

    /// How many steps a plan keeps.
    public static let stepLimit = 50
    /// How many people a plan keeps.
    public static let peopleLimit = 200

    /// Makes a plan. Who stands in it already isn't taken again, and what is beyond the limits is left out.
    public init(_ steps: [[Person]] = []) {
        self.steps = []
        var seen: Set<String> = []
        for step in steps {
            var fresh: [Person] = []
            for person in step where !seen.contains(person.name) {
                guard self.steps.count < Self.stepLimit, seen.count < Self.peopleLimit else {
                    isCut = true
                    continue
                }
                seen.insert(person.name)
                fresh.append(person)
            }
            if !fresh.isEmpty { self.steps.append(fresh) }
        }
    }

    /// Those who are told at once.
    public var first: [Person] { steps.first ?? [] }
    /// Everybody, in order.
    public var everybody: [Person] { steps.flatMap(\.self) }

    /// Both at the same time: first steps together, then second steps, and so on.
    public func together(with other: CallPlan) -> CallPlan {
        let count = max(steps.count, other.steps.count)
        return joined(
            (0..<count).map { index in
                (index < steps.count ? steps[index] : []) + (index < other.steps.count ? other.steps[index] : [])
            },
            other
        )
    }

    /// This one, and then the other.
    public func followed(by other: CallPlan) -> CallPlan { joined(steps + other.steps, other) }

    private func joined(_ steps: [[Person]], _ other: CallPlan) -> CallPlan {
        var plan = CallPlan(steps)
        plan.isCut = plan.isCut || isCut || other.isCut
        return plan
    }
}
