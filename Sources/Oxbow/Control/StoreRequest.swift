/// What `oxbow store` asks a running Oxbow for.
public struct StoreRequest: Hashable, Sendable, Codable {
    /// What is to be done.
    public enum Action: String, Sendable, Codable {
        /// Read all of the store and open every sealed value.
        case check
        /// Write a copy of it, in use as it is.
        case backup
    }
    /// What is to be done.
    public var action: Action
    /// For ``Action/backup``: the absolute path of a file that doesn't exist.
    public var target: String?

    /// Makes a request.
    public init(_ action: Action, target: String? = nil) {
        self.action = action
        self.target = target
    }
}

/// That it was done: what fails is an error.
public struct StoreReport: Hashable, Sendable, Codable {
    /// What was done.
    public var action: StoreRequest.Action

    /// Makes a report.
    public init(_ action: StoreRequest.Action) { self.action = action }
}
