public import XML

/// What a server says about the limits of a stream (XEP-0478).
public struct StreamLimits: Hashable, Sendable {
    /// The largest first-level element that the server takes, in bytes; `nil` if it doesn't say.
    public var maxBytes: Int?
    /// After how many seconds without traffic from us the server may think us gone; `nil` if it doesn't say.
    public var idleSeconds: Int?

    /// Makes limits.
    public init(maxBytes: Int? = nil, idleSeconds: Int? = nil) {
        self.maxBytes = maxBytes
        self.idleSeconds = idleSeconds
    }

    /// Reads the limits among stream features; what is absent or no positive number is unknown.
    public init(features: Element) {
        let limits = features.first("limits", Namespace.limits)
        func number(_ name: String) -> Int? {
            guard let text = limits?.first(name, Namespace.limits)?.text, let value = Int(text), value > 0 else { return nil }
            return value
        }
        self.init(maxBytes: number("max-bytes"), idleSeconds: number("idle-seconds"))
    }
}
