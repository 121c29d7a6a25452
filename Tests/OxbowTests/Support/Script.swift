import Synchronization

@testable import Oxbow

/// A Swift handler whose behaviour a test writes down.
struct Script: Handler {
    var body: @Sendable (Event, any HandlerContext) async throws -> Void

    init(_ body: @escaping @Sendable (Event, any HandlerContext) async throws -> Void) {
        self.body = body
    }

    func handle(_ event: Event, _ context: any HandlerContext) async throws {
        try await body(event, context)
    }
}

extension SwiftModules {
    /// A registry with one module, `test`.
    static func script(_ body: @escaping @Sendable (Event, any HandlerContext) async throws -> Void) -> SwiftModules {
        SwiftModules(["test": { _ in Script(body) }])
    }
}
