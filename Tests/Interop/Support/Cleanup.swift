import Synchronization
import Testing

/// What a test has started and has to end, whether it succeeds or not.
final class Cleanup: Sendable {
    private let steps = Mutex<[@Sendable () async -> Void]>([])

    /// The running test's.
    @TaskLocal static var current: Cleanup?

    /// Has something done after the running test; the last comes first.
    static func after(_ step: @escaping @Sendable () async -> Void) {
        current?.steps.withLock { $0.append(step) }
    }

    /// Runs something, and then all steps that it has asked for.
    static func scope<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        let cleanup = Cleanup()
        do {
            let value = try await $current.withValue(cleanup) { try await body() }
            await cleanup.run()
            return value
        } catch {
            await cleanup.run()
            throw error
        }
    }

    private func run() async {
        let steps = steps.withLock { steps in
            defer { steps = [] }
            return steps
        }
        for step in steps.reversed() { await step() }
    }
}

/// Gives each test case below a suite its own ``Cleanup``.
struct CleanupTrait: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    @concurrent
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        try await Cleanup.scope { try await function() }
    }
}

extension Trait where Self == CleanupTrait {
    /// Ends what a test has started.
    static var cleansUp: Self { CleanupTrait() }
}
