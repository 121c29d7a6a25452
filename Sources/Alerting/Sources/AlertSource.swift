/// What one kind of sender sends, and how it becomes alerts. A further kind is one more type like this in one more file, and a line in
/// ``SourceRegistry/builtIn``.
///
/// A source is a value without IO: it sees one request's bytes and makes an ``Intake`` of them within limits.
public protocol AlertSource: Sendable {
    /// The name by which routes choose it.
    var name: String { get }
    /// One line about it.
    var summary: String { get }
    /// The headers that it reads, in lower case. Others never reach it.
    var headers: [String] { get }
    /// The names that templates may use besides ``ContextField/common``; those of ``Intake/details``.
    var fields: [ContextField] { get }
    /// What a message looks like when the route names no template of its own.
    var template: String { get }
    /// Requests such as it gets, for tests, documentation and `oxbow template try`.
    var samples: [SourceSample] { get }

    /// Reads one request.
    ///
    /// - Throws: what is wrong and where, when this request can never become an alert.
    func read(_ request: SourceRequest, limits: SourceLimits) throws(SourceError) -> SourceReading
}

extension AlertSource {
    /// No headers.
    public var headers: [String] { [] }
    /// No further names.
    public var fields: [ContextField] { [] }

    /// Reads one request within the documented limits.
    public func read(_ request: SourceRequest) throws(SourceError) -> SourceReading {
        try read(request, limits: SourceLimits())
    }
}

/// What became of a request.
public enum SourceReading: Sendable, Hashable {
    /// Something to tell.
    case intake(Intake)
    /// Understood, and nothing to tell: a branch was deleted, a build has only begun. The reason is for the log and for who set the webhook up.
    case nothing(String)
}

/// A request such as a source gets.
public struct SourceSample: Sendable {
    /// What it shows, in a word or two with hyphens: `firing`, `pull-request`.
    public var name: String
    /// Its headers, as declared by the source.
    public var headers: [String: String]
    /// Its query.
    public var query: [String: String]
    /// Its content type.
    public var contentType: String
    /// Its body.
    public var body: String

    /// Makes a sample.
    public init(
        _ name: String,
        headers: [String: String] = [:],
        query: [String: String] = [:],
        contentType: String = "application/json",
        body: String
    ) {
        self.name = name
        self.headers = headers
        self.query = query
        self.contentType = contentType
        self.body = body
    }
}
