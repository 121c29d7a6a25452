import Glibc
import Synchronization

/// The threads on which requests and other blocking look-ups run: few, begun when there is work and ended when there is none.
///
/// A caller waits until its result is there, its task is cancelled, or its time is over; the thread may come back later, and counts until then.
public final class WebWorkers: Sendable {
    private struct Job: Sendable {
        var number: Int
        var run: @Sendable () -> Void
    }
    private struct State {
        var queue: [Job] = []
        var threads = 0
        var numbers = 0
    }
    private enum Entry {
        case started
        case queued
        case full
    }

    private let state = Mutex(State())
    private let mostThreads: Int
    private let mostWaiting: Int

    /// Makes a pool.
    ///
    /// - Parameters:
    ///   - threads: The most that run at once.
    ///   - waiting: The most pieces of work that wait for a thread.
    public init(threads: Int, waiting: Int) {
        mostThreads = max(1, threads)
        mostWaiting = waiting
    }

    /// How many pieces of work wait for a thread.
    public var waiting: Int { state.withLock { $0.queue.count } }

    /// Runs `body` on one of the threads. Its flag is set when nobody waits any more.
    ///
    /// - Throws: what `body` throws; ``WebError`` with code `busy` if too many wait, `timedOut` at the limit, which counts from now, `system` if
    ///   no thread can be had; `CancellationError`.
    public func run<Value: Sendable>(limit: Duration, _ body: @escaping @Sendable (StopFlag) throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await self.result(of: body) }
            group.addTask {
                try await Task.sleep(for: limit)
                throw WebError(.timedOut, "did not answer within \(limit)")
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }

    private func result<Value: Sendable>(of body: @escaping @Sendable (StopFlag) throws -> Value) async throws -> Value {
        let stop = StopFlag()
        let answer = Answer<Value>()
        let number = state.withLock {
            $0.numbers += 1
            return $0.numbers
        }
        let job = Job(number: number) {
            guard !stop.isSet else { return }
            answer.give(Result { try body(stop) })
        }
        return try await withTaskCancellationHandler {
            try Task.checkCancellation()
            try add(job)
            return try await answer.value()
        } onCancel: {
            stop.set()
            state.withLock { $0.queue.removeAll { $0.number == number } }
            answer.give(.failure(CancellationError()))
        }
    }

    private func add(_ job: Job) throws(WebError) {
        let entry: Entry = state.withLock {
            if $0.threads < mostThreads {
                $0.threads += 1
                return .started
            }
            guard $0.queue.count < mostWaiting else { return .full }
            $0.queue.append(job)
            return .queued
        }
        switch entry {
        case .queued: return
        case .full: throw WebError(.busy, "can't be asked now: \(mostWaiting) requests wait already; ask again later")
        case .started:
            do {
                try startThread { [self] in work(job) }
            } catch {
                // What has been queued behind this in the meantime runs on the other threads, or out of time.
                state.withLock { $0.threads -= 1 }
                throw error
            }
        }
    }

    private func work(_ first: Job) {
        var job = first
        while true {
            job.run()
            let next: Job? = state.withLock {
                guard $0.queue.isEmpty else { return $0.queue.removeFirst() }
                $0.threads -= 1
                return nil
            }
            guard let next else { return }
            job = next
        }
    }

    /// Starts a thread that no executor shares. SIGPIPE is blocked on it: TLS writes to sockets whose other end may have gone.
    private func startThread(_ body: @escaping @Sendable () -> Void) throws(WebError) {
        final class Box: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Box(body))
        let result = pthread_create(
            &thread,
            &attributes,
            { argument in
                guard let argument else { return nil }
                let box = Unmanaged<Box>.fromOpaque(argument).takeRetainedValue()
                var signals = sigset_t()
                sigemptyset(&signals)
                sigaddset(&signals, SIGPIPE)
                pthread_sigmask(SIG_BLOCK, &signals, nil)
                box.body()
                return nil
            },
            box.toOpaque()
        )
        guard result == 0 else {
            box.release()
            throw WebError(
                .system,
                "can't be asked: no thread could be started (error \(result)); look at the limit on processes"
            )
        }
    }
}

/// What a thread owes a task: given once, later ones are dropped. One waiter.
private final class Answer<Value: Sendable>: Sendable {
    private struct State {
        var result: Result<Value, any Error>?
        var waiter: CheckedContinuation<Value, any Error>?
    }
    private let state = Mutex(State())

    func give(_ result: Result<Value, any Error>) {
        let waiter: CheckedContinuation<Value, any Error>? = state.withLock {
            guard $0.result == nil else { return nil }
            $0.result = result
            let waiting = $0.waiter
            $0.waiter = nil
            return waiting
        }
        waiter?.resume(with: result)
    }

    func value() async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let result: Result<Value, any Error>? = state.withLock {
                if $0.result == nil { $0.waiter = continuation }
                return $0.result
            }
            if let result { continuation.resume(with: result) }
        }
    }
}
