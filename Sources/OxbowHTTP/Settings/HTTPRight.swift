/// What a credential may do, as `may:` says it.
public enum HTTPRight: Hashable, Sendable, CustomStringConvertible {
    /// `hooks`: give alerts to every route.
    case hooks
    /// `hooks/NAME`: give alerts to one route.
    case hook(String)
    /// `send`: send messages, and ask what became of them.
    case send
    /// `status`: see the status page, and which accounts are online.
    case status
    /// `metrics`: read the metrics.
    case metrics

    /// As it stands in the file.
    public var description: String {
        switch self {
        case .hooks: "hooks"
        case .hook(let name): "hooks/" + name
        case .send: "send"
        case .status: "status"
        case .metrics: "metrics"
        }
    }

    /// Whether whoever has this right may do what asks for `other`.
    func covers(_ other: HTTPRight) -> Bool {
        if self == other { return true }
        if case (.hooks, .hook) = (self, other) { return true }
        return false
    }

    /// Whether it is about hooks.
    var isHook: Bool {
        switch self {
        case .hooks, .hook: true
        case .send, .status, .metrics: false
        }
    }
}
