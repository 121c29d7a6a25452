import Synchronization

/// What somebody was told.
final class Told: Sendable {
    private let state = Mutex<[String]>([])
    func tell(_ text: String) { state.withLock { $0.append(text) } }
    var all: [String] { state.withLock { $0 } }
}
