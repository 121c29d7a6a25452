import HummingbirdCore
import NIOCore
import Synchronization

/// The connections of a listener: those that came and nobody handles yet, and all that are open.
///
/// A connection that was prepared must be handled, if only to be closed; so nothing is lost between a listener's last word and its end.
final class Arrivals: Sendable {
    private struct State {
        /// Connections that are being prepared.
        var pending = 0
        var waiting: [HTTP1Channel.Value] = []
        var open: [ObjectIdentifier: any Channel] = [:]
        var isClosed = false
        var isSettled = false
    }
    private let state = Mutex(State())
    private let settled: EventLoopPromise<Void>
    /// Says that somebody waits; ends once nobody can come any more.
    let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// - Parameter listener: The channel that accepts.
    init(of listener: any Channel) {
        settled = listener.eventLoop.makePromise()
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        listener.closeFuture.whenComplete { _ in self.closed() }
    }

    /// Prepares a connection, unless nobody would handle it.
    func prepare(_ channel: any Channel, _ setup: (any Channel) -> EventLoopFuture<HTTP1Channel.Value>) -> EventLoopFuture<Void> {
        let isWelcome = state.withLock { state in
            if !state.isClosed { state.pending += 1 }
            return !state.isClosed
        }
        guard isWelcome else { return channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel) }
        let id = ObjectIdentifier(channel)
        return setup(channel).map { value in
            self.state.withLock { state in
                state.waiting.append(value)
                state.open[id] = channel
            }
            channel.closeFuture.whenComplete { _ in _ = self.state.withLock { $0.open.removeValue(forKey: id) } }
            self.signal.yield()
        }.always { _ in self.prepared() }
    }

    private func prepared() {
        state.withLock { $0.pending -= 1 }
        settle()
    }

    private func closed() {
        state.withLock { $0.isClosed = true }
        settle()
    }

    private func settle() {
        let isNow = state.withLock { state in
            guard state.isClosed, state.pending == 0, !state.isSettled else { return false }
            state.isSettled = true
            return true
        }
        guard isNow else { return }
        settled.succeed()
        signal.finish()
    }

    /// Those that wait; each must be handled.
    func take() -> [HTTP1Channel.Value] {
        state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    /// Those that are open.
    var open: [any Channel] { state.withLock { Array($0.open.values) } }

    /// Waits until the listener is closed and nobody can come any more; not cut short by cancellation.
    func wait() async { try? await settled.futureResult.get() }
}
