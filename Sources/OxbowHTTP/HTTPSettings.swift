import Hummingbird

/// What `http:` in `config.yaml` says.
public struct HTTPSettings: Sendable {
    /// Makes settings.
    public init() {}
}
