import NIOCore
import Synchronization

/// A queue with one consumer that tells how much waits in it, so that its producer can stop reading.
final class EventQueue<Element: Sendable>: Sendable {
    private struct State {
        var elements = CircularBuffer<Element>()
        var consumer: CheckedContinuation<Element?, Never>?
        var isFinished = false
        var lowWaterReached: (@Sendable () -> Void)?
    }

    private enum Outcome {
        case element(Element, left: Int)
        case end
        case wait
    }

    private let state = Mutex(State())
    private let lowWater: Int

    /// Makes a queue.
    ///
    /// - Parameter lowWater: So few elements have to be left for ``onLowWater(_:)`` to be called.
    init(lowWater: Int) {
        self.lowWater = lowWater
    }

    /// Sets what is called when the consumer has brought the queue down to the low-water mark.
    func onLowWater(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.lowWaterReached = body }
    }

    /// How many elements wait.
    var count: Int { state.withLock { $0.elements.count } }

    /// Appends an element; after ``finish()`` it is dropped.
    func push(_ element: Element) {
        let consumer = state.withLock { state -> CheckedContinuation<Element?, Never>? in
            guard !state.isFinished else { return nil }
            if let consumer = state.consumer {
                state.consumer = nil
                return consumer
            }
            state.elements.append(element)
            return nil
        }
        consumer?.resume(returning: element)
    }

    /// Nothing more will come; what waits can still be taken.
    func finish() {
        let consumer = state.withLock { state in
            state.isFinished = true
            defer { state.consumer = nil }
            return state.consumer
        }
        consumer?.resume(returning: nil)
    }

    /// The next element; `nil` at the end, when the consumer's task is cancelled, or for a second consumer.
    func next() async -> Element? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome = state.withLock { state -> Outcome in
                    if let element = state.elements.popFirst() { return .element(element, left: state.elements.count) }
                    if state.isFinished || state.consumer != nil || Task.isCancelled { return .end }
                    state.consumer = continuation
                    return .wait
                }
                switch outcome {
                case .element(let element, let left):
                    if left == lowWater { state.withLock { $0.lowWaterReached }?() }
                    continuation.resume(returning: element)
                case .end: continuation.resume(returning: nil)
                case .wait: break
                }
            }
        } onCancel: {
            let consumer = state.withLock { state in
                defer { state.consumer = nil }
                return state.consumer
            }
            consumer?.resume(returning: nil)
        }
    }

    /// The queue as a stream, for its one consumer.
    var stream: AsyncStream<Element> {
        AsyncStream { await self.next() }
    }
}
