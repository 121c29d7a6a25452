import HTTPTypes

/// What can be asked for: one table for the router, the log, the metrics and the OpenAPI document.
enum Endpoint: String, CaseIterable, Sendable {
    case hook = "/hooks/{route}"
    case hookWithToken = "/hooks/{route}/{token}"
    case send = "/api/send"
    case message = "/api/messages/{id}"
    case openAPI = "/openapi.yaml"
    case live = "/live"
    case ready = "/ready"
    case readyAccount = "/ready/{account}"
    case status = "/"
    case metrics = "/metrics"

    /// The listeners: those for everything, and those for metrics.
    enum Side: String, Hashable, Sendable {
        case main
        case metrics
    }

    /// Where it is served.
    var sides: Set<Side> {
        switch self {
        case .metrics: [.metrics]
        case .live: [.main, .metrics]
        default: [.main]
        }
    }

    /// How it is asked for, `HEAD` aside, which goes wherever `GET` goes.
    var methods: [HTTPRequest.Method] {
        switch self {
        // curl's -T and ntfy's examples use PUT.
        case .hook, .hookWithToken: [.post, .put]
        case .send: [.post]
        default: [.get]
        }
    }

    /// What the `Allow` header says.
    var allow: String { (methods == [.get] ? [.get, .head] : methods).map(\.rawValue).joined(separator: ", ") }

    /// Whether a method is one of them.
    func takes(_ method: HTTPRequest.Method) -> Bool {
        methods.contains(method) || method == .head && methods.contains(.get)
    }

    /// The endpoint that a path names on a side, with what stands in its braces.
    static func find(_ segments: [String], on side: Side) -> (Endpoint, [String])? {
        for endpoint in allCases where endpoint.sides.contains(side) {
            let pattern = endpoint.rawValue.split(separator: "/")
            guard pattern.count == segments.count else { continue }
            var parameters: [String] = []
            let isMatch = zip(pattern, segments).allSatisfy { part, segment in
                guard part.hasPrefix("{") else { return part == segment }
                parameters.append(segment)
                return true
            }
            if isMatch { return (endpoint, parameters) }
        }
        return nil
    }
}
