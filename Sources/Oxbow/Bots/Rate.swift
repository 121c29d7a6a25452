/// How often something may happen: so many times in a window that begins with the first of them.
public struct Rate: Hashable, Sendable {
    /// How many in one window; at least 1.
    public var count: Int
    /// The window's length.
    public var window: Duration

    /// Makes a rate.
    public init(count: Int, window: Duration) {
        self.count = count
        self.window = window
    }
}
