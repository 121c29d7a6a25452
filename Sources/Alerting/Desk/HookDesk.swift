/// Where requests become alerts, as a web server sees it.
public protocol HookDesk: Sendable {
    /// The route of this name; `nil` when there is none.
    func hook(_ route: String) async -> HookDescription?
    /// One request. When it returns, what follows from it is on disk.
    ///
    /// - Parameters:
    ///   - route: The route's name.
    ///   - request: The body and what the route's source reads of the headers. Authentication is behind the caller.
    ///   - delivery: What the sender gives this request and its repeats, such as an `Idempotency-Key`: within the route's `dedupe` the same is a
    ///     repeat. `nil` when it gives none.
    /// - Throws: ``HookError``; its code has the HTTP status.
    func receive(_ route: String, _ request: SourceRequest, delivery: String?) async throws(HookError) -> HookOutcome
    /// What there is to see now.
    func report() async -> AlertsReport
}

/// A route, for the one who serves it.
public struct HookDescription: Sendable, Hashable {
    /// Its name.
    public var route: String
    /// The name of its source.
    public var source: String
    /// The headers that the source reads, in lower case. Others must not reach it.
    public var headers: [String]

    /// Describes a route.
    public init(route: String, source: String, headers: [String]) {
        self.route = route
        self.source = source
        self.headers = headers
    }
}
