/// An alert that must keep coming: a `Watchdog` that always fires, and says by its silence that monitoring is down.
public struct HeartbeatRule: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// The route by which it comes, and whose people are told when it doesn't.
    public var route: String
    /// Labels that the alert has; a value of `*` is any value.
    public var match: [String: String]
    /// How long it may stay away, in seconds. Longer than its sender's repeat interval.
    public var within: Int64

    /// Makes a rule.
    public init(name: String, route: String, match: [String: String], within: Int64) {
        self.name = name
        self.route = route
        self.match = match
        self.within = max(within, 1)
    }

    /// Whether it is this alert.
    public func matches(_ alert: Alert) -> Bool {
        !match.isEmpty && match.allSatisfy { name, value in alert.labels[name].map { value == "*" || $0 == value } ?? false }
    }
}

/// What is remembered of a heartbeat.
public struct HeartbeatState: Sendable, Hashable, Codable {
    /// The rule's name.
    public var name: String
    /// When it came last, in seconds since 1970; `nil` before the first.
    public var last: Int64?
    /// Whether it stays away, and people were told.
    public var isMissing: Bool

    /// Makes a state.
    public init(name: String, last: Int64? = nil, isMissing: Bool = false) {
        self.name = name
        self.last = last
        self.isMissing = isMissing
    }
}
