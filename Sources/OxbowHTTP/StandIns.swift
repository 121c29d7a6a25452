// Stand-ins of the shapes that targets Alerting and Oxbow bring; this file goes when they are there.
public import Alerting

/// What a hook's sender is told about a route.
public struct HookDescription: Sendable {
    /// The route's name.
    public var route: String
    /// Its source.
    public var source: String
    /// The headers that the source reads, in lower case.
    public var headers: [String]
    /// Makes a description.
    public init(route: String, source: String, headers: [String]) {
        self.route = route
        self.source = source
        self.headers = headers
    }
}

/// What became of a request.
public enum HookOutcome: Sendable, Hashable {
    /// Somebody is told.
    case told(messages: Int, conversation: Int?)
    /// A repeat.
    case repeated
    /// Nothing to tell.
    case nothing(String)
}

/// Why a request isn't taken.
public struct HookError: Error, Sendable {
    /// What kind.
    public struct Code: Sendable, Hashable {
        /// The name.
        public let name: String
        /// The status.
        public let status: Int
        /// Makes a code.
        public init(_ name: String, status: Int) {
            self.name = name
            self.status = status
        }
        /// No such route.
        public static let unknownRoute = Code("unknown-route", status: 404)
        /// Not now.
        public static let unavailable = Code("unavailable", status: 503)
    }
    /// What kind.
    public var code: Code
    /// What to do.
    public var message: String
    /// Makes an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

/// Takes alerts.
public protocol HookDesk: Sendable {
    /// A route.
    func hook(_ route: String) async -> HookDescription?
    /// Takes a request; returns when it is on disk.
    func receive(_ route: String, _ request: SourceRequest, delivery: String?) async throws(HookError) -> HookOutcome
}
