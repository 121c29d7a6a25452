import Testing

/// Something that must not reach a handler.
struct Attack: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// The reasons that may be counted for it, by the names of the counters.
    var reasons: Set<String>
    /// How many messages are refused.
    var count = 1
    /// How many honest messages are part of it.
    var answers = 0
    /// How many honest messages of others are part of it.
    var others = 0
    /// Does it, as somebody whom the bot knows; the scene has whoever else is needed.
    var perform: @Sendable (Correspondent, Scene) async throws -> Void

    init(
        _ name: String,
        _ reasons: String...,
        count: Int = 1,
        others: Int = 0,
        perform: @escaping @Sendable (Correspondent, Scene) async throws -> Void
    ) {
        testDescription = name
        self.reasons = Set(reasons)
        self.count = count
        self.others = others
        self.perform = perform
    }

    /// A message whose plaintext is given, sealed as usual.
    static func content(_ name: String, _ reasons: String..., make: @escaping @Sendable (Correspondent) -> String) -> Attack {
        var attack = Attack(name) { mallory, _ in try await mallory.send(content: make(mallory)) }
        attack.reasons = Set(reasons)
        return attack
    }
}

/// What an account counted between two moments.
struct Difference {
    let counted: [String: Int]

    init(from before: [String: Int], to after: [String: Int]) {
        counted = after.reduce(into: [:]) { result, entry in
            let change = entry.value - (before[entry.key] ?? 0)
            if change != 0 { result[entry.key] = change }
        }
    }

    /// The refusals by reason.
    var refused: [String: Int] {
        counted.reduce(into: [:]) { if $1.key.hasPrefix("refused.") { $0[String($1.key.dropFirst(8))] = $1.value } }
    }

    /// How many events handlers have had.
    var events: Int { counted.filter { $0.key.hasPrefix("events") }.values.reduce(0, +) }
}
