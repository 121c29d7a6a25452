public import Foundation

/// What a source sees of an HTTP request.
public struct SourceRequest: Sendable {
    /// The body, already of a length that the listener allows.
    public var body: [UInt8]
    /// `Content-Type`, as sent; `nil` when absent.
    public var contentType: String?
    /// The headers that the source declares (``AlertSource/headers``), by their names in lower case.
    public var headers: [String: String]
    /// The query's items by name, decoded; of a name given twice, the last.
    public var query: [String: String]
    /// When the request came.
    public var received: Date

    /// Makes a request.
    public init(
        body: [UInt8],
        contentType: String? = nil,
        headers: [String: String] = [:],
        query: [String: String] = [:],
        received: Date
    ) {
        self.body = body
        self.contentType = contentType
        self.headers = headers
        self.query = query
        self.received = received
    }

    /// The content type without its parameters, in lower case.
    var mediaType: String? {
        guard let contentType else { return nil }
        return contentType.prefix { $0 != ";" }.lowercased().trimmingSpaces()
    }
}
