internal import XML

/// Message processing hints (XEP-0334).
enum ProcessingHints {
    /// Archives and offline storage should keep the message: its fallback body is the same for all, its content isn't.
    static let store = Element("store", Namespace.hints)
}
