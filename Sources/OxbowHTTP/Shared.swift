import Synchronization

/// A value that several parts see and some change.
final class Shared<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    init(_ value: Value) { state = Mutex(value) }

    /// The value as it is now.
    var value: Value { state.withLock { $0 } }

    /// Changes it.
    func change(_ body: (inout Value) -> Void) { state.withLock { body(&$0) } }
}
