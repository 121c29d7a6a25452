import NIOCore
import Synchronization

/// A queue without a limit and with one consumer, which tells its producer what has been taken: so that one can stop in time.
final class EventQueue<Element: Sendable>: Sendable {
    private struct State {
        var elements = CircularBuffer<Element>(initialCapacity: 1)
        var consumer: CheckedContinuation<Element?, Never>?
        var isFinished = false
        var taken: (@Sendable (Element) -> Void)?
    }

    private enum Outcome {
        case element(Element)
        case end
        case wait
    }

    private let state = Mutex(State())

    /// Sets what is called, on the consumer's side, with each element that it takes.
    func onTake(_ body: @escaping @Sendable (Element) -> Void) {
        state.withLock { $0.taken = body }
    }

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
        let element = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome = state.withLock { state -> Outcome in
                    if let element = state.elements.popFirst() { return .element(element) }
                    if state.isFinished || state.consumer != nil || Task.isCancelled { return .end }
                    state.consumer = continuation
                    return .wait
                }
                switch outcome {
                case .element(let element): continuation.resume(returning: element)
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
        if let element { state.withLock { $0.taken }?(element) }
        return element
    }

    /// The queue as a stream, for its one consumer.
    var stream: AsyncStream<Element> {
        AsyncStream { await self.next() }
    }
}
