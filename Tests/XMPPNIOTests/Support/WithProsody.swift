import Testing

/// Gives all tests of a suite one Prosody.
struct WithProsody: SuiteTrait, TestScoping {
    /// What its configuration says besides.
    var options = ""

    @TaskLocal static var current: Prosody?

    func provideScope(for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void) async throws
    {
        try await Prosody.run(options: options) { prosody in
            try await Self.$current.withValue(prosody) { try await function() }
        }
    }

    static var prosody: Prosody {
        get throws { try #require(current) }
    }
}

extension Trait where Self == WithProsody {
    static var prosody: WithProsody { WithProsody() }

    /// The same, with more in the global section of its configuration.
    static func prosody(_ options: String) -> WithProsody { WithProsody(options: options) }
}
