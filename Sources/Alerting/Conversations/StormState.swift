/// A route's storm with those whom its count is told.
public struct StormState: Sendable, Hashable, Codable {
    /// What counts and folds.
    public var storm: StormGuard
    /// Who would have got what was folded.
    public var waiting: [Recipient]

    /// Begins calmly.
    public init(limits: StormGuard.Limits) {
        storm = StormGuard(limits: limits)
        waiting = []
    }
}
