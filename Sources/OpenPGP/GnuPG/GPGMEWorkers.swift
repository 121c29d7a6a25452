internal import Dispatch
internal import Synchronization

/// The threads on which GPGME's blocking calls run: a few for the whole process, at most two at once for one home, fair between homes.
///
/// Each piece of work has a deadline, counted from when it begins. At the deadline it is interrupted; if its thread hasn't come back after
/// a grace, the thread is given up and replaced, so that a hanging `gpg` can't take the pool with it.
final class GPGMEWorkers: Sendable {
    /// The pool that all engines of this process share.
    static let shared = GPGMEWorkers(threads: 4, perHome: 2)

    private struct Job: Sendable {
        let limit: Duration
        let interruption: Interruption
        let run: @Sendable () -> Void
        let abandon: @Sendable () -> Void
    }
    private struct Running {
        let job: Job
        let thread: Int
        var deadline: ContinuousClock.Instant
        var interrupted = false
    }
    private struct State {
        var queue: WorkQueue<Job>
        var running: [WorkQueue<Job>.Ticket: Running] = [:]
        var timers: [(at: ContinuousClock.Instant, run: @Sendable () -> Void)] = []
        var threads: Set<Int> = []
        var idle = 0
        /// Wake-ups that no idle thread has taken yet.
        var signalled = 0
        var threadNumbers = 0
        var lost = 0
        var monitored = false
        /// When the monitor looks again by itself; `nil` while it waits to be told.
        var nextLook: ContinuousClock.Instant?
    }

    private let state: Mutex<State>
    private let work = DispatchSemaphore(value: 0)
    private let alarm = DispatchSemaphore(value: 0)
    private let limit: Int
    private let grace: Duration
    /// Threads that hang for good are a leak; past this number the pool makes no more of them.
    private let mostLost = 32

    init(threads: Int, perHome: Int, grace: Duration = .seconds(3)) {
        limit = max(1, threads)
        self.grace = grace
        state = Mutex(State(queue: WorkQueue(perLane: perHome)))
    }

    /// Runs `body` on one of the threads and waits for it. Exclusive work runs while nothing else does in its home.
    ///
    /// - Throws: what `body` throws; ``OpenPGPError`` with code `timedOut` at the limit; `CancellationError` if the task is cancelled.
    func run<Value: Sendable>(
        home: String,
        limit: Duration,
        exclusive: Bool = false,
        _ body: @escaping @Sendable (Interruption) throws -> Value
    ) async throws -> Value {
        let interruption = Interruption()
        let promise = Promise<Value>()
        let job = Job(
            limit: limit,
            interruption: interruption,
            run: { promise.fulfil(Result { try body(interruption) }) },
            abandon: { promise.fulfil(.failure((interruption.reason ?? .timeLimit).error)) }
        )
        return try await withTaskCancellationHandler {
            try Task.checkCancellation()
            let ticket = state.withLock { $0.queue.add(job, lane: home, exclusive: exclusive) }
            promise.whenCancelled { [self] in
                let withdrawn = state.withLock { $0.queue.withdraw(ticket, lane: home) }
                if withdrawn != nil {
                    promise.fulfil(.failure(CancellationError()))
                } else {
                    interruption.interrupt(.cancelled)
                    // A cancelled caller waits no longer than one at its deadline would.
                    state.withLock {
                        guard var running = $0.running[ticket], !running.interrupted else { return }
                        running.interrupted = true
                        running.deadline = .now + grace
                        $0.running[ticket] = running
                    }
                    alarm.signal()
                }
            }
            do { try wake() } catch { promise.fulfil(.failure(error)) }
            return try await promise.value()
        } onCancel: {
            promise.cancel()
        }
    }

    /// Runs `body` on one of the threads, and nobody waits for it.
    func submit(home: String, limit: Duration, _ body: @escaping @Sendable () -> Void) {
        let job = Job(limit: limit, interruption: Interruption(), run: body, abandon: {})
        state.withLock { _ = $0.queue.add(job, lane: home) }
        try? wake()
    }

    /// Calls `body` on the pool's own timer thread after a delay. It must be short: it is for submitting work.
    func after(_ delay: Duration, _ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.timers.append((.now + delay, body)) }
        try? startMonitor()
        alarm.signal()
    }

    // MARK: threads

    private func wake() throws {
        try startMonitor()
        let number: Int? = state.withLock {
            $0.signalled += 1
            guard $0.idle < $0.signalled, $0.threads.count < limit else { return nil }
            $0.threadNumbers += 1
            $0.threads.insert($0.threadNumbers)
            return $0.threadNumbers
        }
        if let number { try startWorker(number) }
        work.signal()
    }

    private func startWorker(_ number: Int) throws {
        do {
            try startThread(named: "gpgme-\(number)") { [self] in worker(number) }
        } catch {
            let left = state.withLock {
                $0.threads.remove(number)
                return $0.threads.count
            }
            if left == 0 { throw error }
        }
    }

    private func worker(_ number: Int) {
        while true {
            state.withLock { $0.idle += 1 }
            work.wait()
            state.withLock {
                $0.idle -= 1
                $0.signalled = max(0, $0.signalled - 1)
            }
            while let (ticket, job) = begin(number) {
                job.run()
                let given = state.withLock {
                    $0.queue.finish(ticket)
                    $0.running[ticket] = nil
                    return !$0.threads.contains(number)
                }
                if given {
                    state.withLock { $0.lost -= 1 }
                    return
                }
            }
        }
    }

    private func begin(_ number: Int) -> (WorkQueue<Job>.Ticket, Job)? {
        let begun: (WorkQueue<Job>.Ticket, Job, tell: Bool)? = state.withLock {
            guard let (ticket, job) = $0.queue.next() else { return nil }
            let deadline = ContinuousClock.now + job.limit
            $0.running[ticket] = Running(job: job, thread: number, deadline: deadline)
            // A monitor that looks earlier anyway needn't be woken for each message.
            return (ticket, job, $0.nextLook.map { deadline < $0 } ?? true)
        }
        guard let (ticket, job, tell) = begun else { return nil }
        if tell { alarm.signal() }
        return (ticket, job)
    }

    // MARK: deadlines

    private func startMonitor() throws {
        let start = state.withLock {
            let first = !$0.monitored
            $0.monitored = true
            return first
        }
        guard start else { return }
        do {
            try startThread(named: "gpgme-monitor") { [self] in monitor() }
        } catch {
            state.withLock { $0.monitored = false }
            throw error
        }
    }

    private func monitor() {
        while true {
            let now = ContinuousClock.now
            let next = tick(now)
            if let next {
                let wait = max(.milliseconds(1), next - now)
                _ = alarm.wait(timeout: .now() + .nanoseconds(Int(wait / .nanoseconds(1))))
            } else {
                alarm.wait()
            }
        }
    }

    /// Does what is due and returns when something is due next.
    private func tick(_ now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        var interrupt: [Interruption] = []
        var abandon: [@Sendable () -> Void] = []
        var due: [@Sendable () -> Void] = []
        var replacements: [Int] = []
        let next: ContinuousClock.Instant? = state.withLock { state in
            for (ticket, running) in state.running where running.deadline <= now {
                if !running.interrupted {
                    interrupt.append(running.job.interruption)
                    state.running[ticket]?.interrupted = true
                    state.running[ticket]?.deadline = now + grace
                } else {
                    abandon.append(running.job.abandon)
                    state.running[ticket] = nil
                    state.queue.finish(ticket)
                    state.threads.remove(running.thread)
                    state.lost += 1
                    if state.lost <= mostLost {
                        state.threadNumbers += 1
                        state.threads.insert(state.threadNumbers)
                        replacements.append(state.threadNumbers)
                    }
                }
            }
            due = state.timers.filter { $0.at <= now }.map(\.run)
            state.timers.removeAll { $0.at <= now }
            state.nextLook = (state.running.values.map(\.deadline) + state.timers.map(\.at)).min()
            return state.nextLook
        }
        interrupt.forEach { $0.interrupt(.timeLimit) }
        for number in replacements { try? startWorker(number) }
        for _ in abandon {
            state.withLock { $0.signalled += 1 }
            work.signal()
        }
        abandon.forEach { $0() }
        due.forEach { $0() }
        return next
    }
}
